using System.ComponentModel;
using System.Diagnostics;

namespace VMSeed.Fuse.Mounting;

/// <summary>Unmounts when this process dies without having done so.</summary>
/// <remarks>
/// When a process is killed, the kernel ends its connection, but the mount stays in the tree and
/// answers
/// "Transport endpoint is not connected". A small shell waits at the end of a pipe: a word through
/// it means
/// that all is well; its end without a word means that we are gone. It looks whether the mount is
/// dead
/// before it unmounts, as another process may have mounted there in the meantime.
/// </remarks>
internal sealed class CrashWatch : IDisposable
{
    private const string Shell = "/bin/sh";

    /// <summary>Signals of the terminal reach us both; it has to outlive us.</summary>
    private const string Script =
        "trap '' INT TERM HUP; read -r word && exit 0; "
        + "stat -f -- \"$1\" >/dev/null 2>&1 || $2 -- \"$1\"";

    private readonly Process _process;

    private CrashWatch(Process process) => _process = process;

    /// <summary>Starts the watch.</summary>
    /// <param name="mountPoint">What it unmounts.</param>
    /// <param name="unmount">The command that does it, whatever holds it open.</param>
    /// <returns>Null where there is no shell: a nicety that a mount can do without.</returns>
    public static CrashWatch? Start(string mountPoint, string unmount)
    {
        ProcessStartInfo start = new(Shell, ["-c", Script, "fuse-crash-watch", mountPoint, unmount])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/", // Holds no directory that somebody may want to unmount.
        };
        try
        {
            return new CrashWatch(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.WriteLine("unmounted");
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Somebody has ended the shell; there is nothing left to tell it.
        }

        _process.Dispose();
    }
}
