using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace VMSeed.Tool.Tests.Running;

/// <summary>A verb that goes on until it is told to stop: serve, mount, a long pack.</summary>
internal sealed partial class RunningTool : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _seen = new();
    private readonly string? _awaited;

    private RunningTool(string? awaited, string[] launcher, string[] arguments)
    {
        _awaited = awaited;
        // A process that was started in the background of a script ignores Ctrl-C; this one shall
        // not.
        _process = new Process
        {
            StartInfo = new("env", ["--default-signal=INT", .. launcher, Vmseed.Path, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_error, line.Data);
        _process.Exited += (_, _) => _seen.TrySetException(
            new InvalidOperationException($"The tool has ended: {Output} {Error}"));
    }

    public string Output => Read(_output);

    public string Error => Read(_error);

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a verb, and waits for a line of its standard output.</summary>
    public static async Task<RunningTool> StartAsync(string awaited, params string[] arguments)
    {
        RunningTool tool = Start(awaited, [], arguments);
        try
        {
            await tool._seen.Task.WaitAsync(_patience, TimeProvider.System);
            return tool;
        }
        catch
        {
            await tool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a verb and waits for nothing.</summary>
    public static RunningTool Start(params string[] arguments) => Start(null, [], arguments);

    /// <summary>Has another program start a verb in its place, and waits for nothing.</summary>
    public static RunningTool StartBy(string[] launcher, params string[] arguments) =>
        Start(null, launcher, arguments);

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> WaitAsync()
    {
        using CancellationTokenSource late = new(_patience);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    public Task<int> InterruptAsync() => SignalAsync(Interrupt);

    public Task<int> TerminateAsync() => SignalAsync(Terminate);

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                await TerminateAsync();
            }
            catch (TimeoutException)
            {
                await KillAsync();
            }
        }

        _process.Dispose();
    }

    private static RunningTool Start(string? awaited, string[] launcher, string[] arguments)
    {
        RunningTool tool = new(awaited, launcher, arguments);
        tool._process.Start();
        tool._process.BeginOutputReadLine();
        tool._process.BeginErrorReadLine();
        return tool;
    }

    private async Task<int> SignalAsync(int signal)
    {
        _ = kill(_process.Id, signal);
        using CancellationTokenSource late = new(_patience);
        try
        {
            await _process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The tool goes on after signal {signal}: {Output} {Error}");
        }

        return _process.ExitCode;
    }

    private void Add(StringBuilder text, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (text)
        {
            text.AppendLine(line);
        }

        if (text == _output && _awaited is not null && line.Contains(_awaited))
        {
            _seen.TrySetResult();
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int process, int signal);
}
