using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VMSeed.Tool.Tests.Running;

namespace VMSeed.Tool.Tests.Guests;

/// <summary><c>vmseed run</c> at work, and somebody at the guest's serial port.</summary>
internal sealed partial class RunningGuest : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Kill = 9;

    // A boot takes 6 s where it has a core to itself. This is for a machine that has none to give.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly StringBuilder _errorSoFar = new();
    private readonly SerialConsole _console;

    private RunningGuest(string[] arguments)
    {
        // As in RunningTool: a process in the background of a script would ignore Ctrl-C.
        _process = Process.Start(
            new ProcessStartInfo(
                "env", ["--default-signal=INT", Vmseed.Path, "run", .. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        _error = ReadErrorAsync();
        _console = new SerialConsole(
            _process.StandardOutput, _process.StandardInput, _patience, () => _error);
    }

    /// <summary>What has come over the serial port, of which a test has not seen the end.</summary>
    public string Console => _console.Unread;

    public static RunningGuest Start(params string[] arguments) => new(arguments);

    /// <summary>Waits until a text has come over the serial port.</summary>
    /// <returns>What came before it.</returns>
    public Task<string> ReadToAsync(string text) => _console.ReadToAsync(text);

    /// <summary>Waits until the guest takes commands.</summary>
    public Task ReadyAsync() => ReadToAsync("READY");

    /// <summary>Has the guest's shell execute a command that must succeed.</summary>
    /// <returns>What it printed.</returns>
    public Task<string> ExecuteAsync(string command) => _console.ExecuteAsync(command);

    /// <summary>Kills QEMU: for the guest the power has gone.</summary>
    /// <returns>The tool's exit code.</returns>
    public async Task<int> CutPowerAsync()
    {
        Assert.Equal(0, kill(FindQemu(), Kill));
        return await EndAsync();
    }

    /// <summary>Kills the tool, and nothing else.</summary>
    public async Task KillToolAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ctrl-C, so often.</summary>
    /// <returns>The tool's exit code.</returns>
    public async Task<int> InterruptAsync(int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            _ = kill(_process.Id, Interrupt);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        return await EndAsync();
    }

    /// <summary>Waits for the tool's end.</summary>
    /// <returns>The tool's exit code.</returns>
    public async Task<int> EndAsync()
    {
        using CancellationTokenSource late = new(_patience);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    /// <summary>What the tool has said, after its end.</summary>
    public Task<string> ErrorAsync() => _error;

    /// <summary>Waits until the tool has said something.</summary>
    public async Task ReadErrorToAsync(string text)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!SaidSoFar().Contains(text, StringComparison.Ordinal))
        {
            bool isLate = TimeProvider.System.GetElapsedTime(start) > _patience;
            Assert.False(isLate || _error.IsCompleted, $"'{text}' is not in: {SaidSoFar()}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>The process id of the guest's QEMU.</summary>
    public int FindQemu() => Directory.EnumerateDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
        .Where(IsQemu)
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Single();

    private string SaidSoFar()
    {
        lock (_errorSoFar)
        {
            return _errorSoFar.ToString();
        }
    }

    private async Task<string> ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errorSoFar)
            {
                _errorSoFar.AppendLine(line);
            }
        }

        return SaidSoFar();
    }

    private bool IsQemu(string? process)
    {
        try
        {
            string[] status = File.ReadAllLines($"/proc/{process}/status");
            return status[0].Contains("qemu-system", StringComparison.Ordinal)
                && status.Contains($"PPid:\t{_process.Id}");
        }
        catch (IOException)
        {
            // It has ended since the folder was listed.
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
}
