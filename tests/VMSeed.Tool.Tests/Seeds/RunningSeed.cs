using System.Diagnostics;
using VMSeed.Testing;
using VMSeed.Tool.Tests.Guests;

namespace VMSeed.Tool.Tests.Seeds;

/// <summary>A seed in QEMU, and somebody at its serial port.</summary>
internal sealed class RunningSeed : IAsyncDisposable
{
    // A boot takes half a minute where it has two cores to itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private RunningSeed(string[] arguments)
    {
        _process = Process.Start(
            new ProcessStartInfo(Need.Tool("qemu-system-x86_64"), arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        _errors = _process.StandardError.ReadToEndAsync();
        Console = new SerialConsole(
            _process.StandardOutput, _process.StandardInput, s_patience, () => _errors);
    }

    public SerialConsole Console { get; }

    /// <summary>Starts a machine with a seed.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="file">The seed's file.</param>
    /// <param name="format">Its format.</param>
    /// <param name="isCutOff">Whether its network leads nowhere.</param>
    public static RunningSeed Start(
        SeedMachine machine, string file, SeedFormat format, bool isCutOff = false) =>
        new(machine.Arguments(file, format.Driver, file + ".variables", isCutOff));

    /// <summary>Chooses in the boot menu.</summary>
    public async Task ChooseAsync(char key)
    {
        await Console.ReadToAsync("Power off");
        await Console.PressAsync(key);
    }

    /// <summary>Waits for the guest's login prompt, and for the shell behind it.</summary>
    /// <returns>What was said until then.</returns>
    public async Task<string> LogInAsync()
    {
        string said = await Console.ReadToAsync("login:");
        await Console.ReadToAsync(":~#");
        return said;
    }

    /// <summary>Switches the guest off from within.</summary>
    /// <returns>What it said.</returns>
    public async Task<string> PowerOffAsync()
    {
        await Console.WriteLineAsync("systemctl poweroff");
        using CancellationTokenSource late = new(s_patience);
        string said = await Console.ReadToEndAsync(late.Token);
        await _process.WaitForExitAsync(late.Token);
        Assert.True(_process.ExitCode == 0, $"{await _errors}{said}");
        return said;
    }

    /// <summary>Takes the power away.</summary>
    public async Task CutPowerAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) { await CutPowerAsync(); }

        _process.Dispose();
    }
}
