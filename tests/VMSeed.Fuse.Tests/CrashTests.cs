using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Fuse.Mounting;
using VMSeed.Testing;

namespace VMSeed.Fuse.Tests;

/// <summary>What is left when the process is killed.</summary>
public sealed class CrashTests
{
    /// <summary>The program in its own output folder: beside the tests it lacks what they have
    /// from a shared framework.</summary>
    private static readonly string MounterPath = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory,
        "../../VMSeed.Fuse.Mounter",
        new DirectoryInfo(AppContext.BaseDirectory).Name,
        "VMSeed.Fuse.Mounter"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_process_leaves_no_mount(bool helperProgram)
    {
        using TempFolder folder = new();
        using Process process = await StartAsync(folder, helperProgram);
        Assert.NotNull(MountTable.Find(folder["mnt"]));
        Assert.Equal("data", await File.ReadAllTextAsync(
            Path.Combine(folder["mnt"], "disk.raw"), TestContext.Current.CancellationToken));
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        for (int i = 0; MountTable.Find(folder["mnt"]) is not null; i++)
        {
            Assert.True(i < 250, "The mount is still there after 5 seconds.");
            await PauseAsync();
        }
    }

    [Theory]
    [InlineData("-INT")]
    [InlineData("-TERM")]
    public async Task A_signal_unmounts(string signal)
    {
        using TempFolder folder = new();
        using Process process = await StartAsync(folder, helperProgram: false);
        await Shell.RunAsync("kill", signal, $"{process.Id}");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Null(MountTable.Find(folder["mnt"]));
    }

    [Fact]
    public async Task A_dead_mount_is_cleaned_before_mounting_again()
    {
        using TempFolder folder = new();
        using Process process = await StartAsync(folder, helperProgram: false);
        await Shell.RunAsync("pkill", "-KILL", "-P", $"{process.Id}"); // The crash watch.
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(MountTable.Find(folder["mnt"]));

        FuseMount mount = await FuseMount.MountAsync(
            folder["mnt"], [], new(), NullLogger.Instance, TestContext.Current.CancellationToken);
        Assert.Empty(Directory.GetFiles(folder["mnt"]));
        await mount.DisposeAsync();
        Assert.Null(MountTable.Find(folder["mnt"]));
    }

    private static async Task<Process> StartAsync(TempFolder folder, bool helperProgram)
    {
        Assert.SkipUnless(File.Exists("/dev/fuse"), "There is no /dev/fuse here.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root may mount here.");
        Directory.CreateDirectory(folder["mnt"]);
        string[] arguments = [folder.Write("disk", "data"u8), folder["mnt"]];
        Process process = Shell.Start(
            MounterPath, helperProgram ? [.. arguments, Need.Tool("fusermount3")] : arguments);
        Assert.Equal("mounted", await process.StandardOutput.ReadLineAsync(
            TestContext.Current.CancellationToken));
        return process;
    }

    private static Task PauseAsync() => Task.Delay(
        TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
}
