using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using VMSeed.Disks;
using VMSeed.ImageBuilder.Seeds;
using VMSeed.Testing;

namespace VMSeed.ImageBuilder.Tests.Seeds;

/// <summary>Firmware boots a seed up to its menu, and the menu takes a choice over the serial
/// line.</summary>
public sealed partial class FirmwareTests
{
    private const string Firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    private const string Variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    // Some seconds on a machine that does nothing else.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_choice_in_the_menu_starts_its_mode(bool isUefi)
    {
        await using SeedWorkshop workshop = await SeedWorkshop.CreateAsync();
        string path = workshop["seed.raw"];
        SeedOptions options = await workshop.OptionsAsync() with
        {
            MenuTimeout = TimeSpan.FromMinutes(10),
        };
        await using (Seed seed = await SeedBuilder.BuildAsync(
            options, null, TestContext.Current.CancellationToken))
        {
            await SeedWriter.WriteAsync(
                seed, path, DiskFormat.Raw, null, TestContext.Current.CancellationToken);
        }

        using Process machine = Start(path, isUefi ? FirmwareOptions(workshop) : []);
        try
        {
            await ReadToAsync(machine, "Power off");
            await PressAsync(machine, 'r');
            await ReadToAsync(machine, "delete everything");
            await PressAsync(machine, 'y');
            await ReadToAsync(machine, "Starting disk (reset)...");
        }
        finally
        {
            machine.Kill();
            await machine.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string[] FirmwareOptions(SeedWorkshop workshop)
    {
        Assert.SkipUnless(File.Exists(Firmware), $"{Firmware} of the package ovmf is missing.");
        string variables = workshop["variables.fd"];
        File.Copy(Variables, variables);
        return
        [
            "-drive", $"if=pflash,format=raw,readonly=on,file={Firmware}",
            "-drive", $"if=pflash,format=raw,file={variables}",
        ];
    }

    private static Process Start(string disk, string[] firmware) => Process.Start(
        new ProcessStartInfo(
            Need.Tool("qemu-system-x86_64"),
            [
                "-accel", "tcg,thread=multi", "-m", "256", "-display", "none", "-nic", "none",
                "-serial", "stdio", .. firmware,
                "-drive", $"file={disk},format=raw,if=virtio",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    private static async Task PressAsync(Process machine, char key)
    {
        await machine.StandardInput.WriteAsync(
            new[] { key }, TestContext.Current.CancellationToken);
        await machine.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    private static async Task ReadToAsync(Process machine, string text)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken);
        late.CancelAfter(_patience);
        StringBuilder console = new();
        char[] buffer = new char[4096];
        while (!Controls().Replace(console.ToString(), "").Contains(text, StringComparison.Ordinal))
        {
            int count = await machine.StandardOutput.ReadAsync(buffer, late.Token);
            Assert.True(count > 0, $"QEMU has ended before '{text}': {console}");
            console.Append(buffer, 0, count);
        }
    }

    // What moves the cursor and colours the text.
    [GeneratedRegex("\u001b\\[[0-9;?=]*[A-Za-z]|\0")]
    private static partial Regex Controls();
}
