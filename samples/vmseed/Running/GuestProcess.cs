using System.ComponentModel;
using System.Diagnostics;
using VMSeed.Tool.CommandLine;
using VMSeed.Tool.Output;
using VMSeed.Tool.Running.Machines;

namespace VMSeed.Tool.Running;

/// <summary>QEMU at work, with this terminal as its own.</summary>
/// <remarks>
/// <para>It lives in a session of its own (setsid), because Ctrl-C goes to every process of the
/// terminal's session, and QEMU would end at once.</para>
/// <para>It ends when this process does, however that ends (setpriv --pdeathsig): a guest without
/// its disk is of no use to anybody. The kernel means the thread that started it, so that thread
/// waits for it. Where these programs are missing a guest may survive a kill -9 of the
/// tool.</para>
/// </remarks>
internal sealed class GuestProcess : IDisposable
{
    private readonly Process _process = new();
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource<int> _ended = new();

    private GuestProcess(ProcessStartInfo start) => _process.StartInfo = start;

    /// <summary>Done when QEMU has ended, with its exit code.</summary>
    public Task<int> Completion => _ended.Task;

    /// <summary>Starts it.</summary>
    public static async Task<GuestProcess> StartAsync(
        string program, IReadOnlyList<string> arguments)
    {
        List<string> command = [.. Wrapping(), program, .. arguments];
        GuestProcess guest = new(new ProcessStartInfo(command[0], command.Skip(1)));
        new Thread(guest.Run) { IsBackground = true, Name = "qemu" }.Start();
        await guest._started.Task;
        return guest;
    }

    /// <summary>Ends it, whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Completion;
    }

    public void Dispose() => _process.Dispose();

    private static IEnumerable<string> Wrapping()
    {
        if (OperatingSystem.IsLinux() && QemuProgram.Find("setsid") is { } session)
        {
            yield return session;
            if (QemuProgram.Find("setpriv") is { } privileges)
            {
                yield return privileges;
                yield return "--pdeathsig";
                yield return "TERM";
            }
        }
    }

    private void Run()
    {
        try
        {
            _process.Start();
        }
        catch (Win32Exception failure)
        {
            _started.SetException(new ToolException(
                ExitCode.Other, $"QEMU cannot be started: {failure.Message}.", failure));
            return;
        }

        _started.SetResult();
        _process.WaitForExit();
        _ended.SetResult(_process.ExitCode);
    }
}
