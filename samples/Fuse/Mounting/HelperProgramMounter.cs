using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>fusermount3, the set-user-ID program of FUSE, for everybody but root.</summary>
/// <remarks>
/// It mounts, and passes its descriptor of /dev/fuse back over a Unix socket whose number it finds
/// in its environment. Its auto_unmount is not used: it looks into the mount as root before it
/// unmounts, and root may not enter another user's mount without allow_other.
/// </remarks>
internal sealed class HelperProgramMounter(FuseMountOptions options) : Mounter
{
    private const string Program = "fusermount3";
    private const string SocketVariable = "_FUSE_COMMFD";

    private CrashWatch? _watch;

    public override async Task<SafeFileHandle> MountAsync(string mountPoint, bool readOnly)
    {
        FuseDevice.Open().Dispose(); // The program opens it with our rights, and says less.
        ProcessStartInfo start = Prepare("-o", Data(readOnly), "--", mountPoint);
        _watch = CrashWatch.Start(mountPoint, $"{start.FileName} -u -z");
        (SafeFileHandle ours, SafeFileHandle theirs) = Libc.SocketPair(Libc.SOCK_STREAM);
        using SafeFileHandle socket = ours;
        start.Environment[SocketVariable] =
            theirs.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
        Process process;
        using (theirs)
        {
            // From here to the end of this block any child that is started inherits the socket.
            _ = Libc.fcntl(theirs, Libc.F_SETFD, 0);
            process = Process.Start(start)!;
        }

        string message = await EndAsync(process);
        return DescriptorSocket.Receive(socket) ?? throw new FuseMountException(
            $"{Program} did not mount at '{mountPoint}': {message}");
    }

    public override async Task<string?> UnmountAsync(string mountPoint, bool lazy)
    {
        Process process = Process.Start(lazy
            ? Prepare("-u", "-z", "--", mountPoint)
            : Prepare("-u", "--", mountPoint))!;
        string message = await EndAsync(process);
        return message.Length == 0 ? null : message;
    }

    public override void Dispose() => _watch?.Dispose();

    /// <returns>What the program complained about; empty when it did its work.</returns>
    private static async Task<string> EndAsync(Process process)
    {
        using (process)
        {
            string message = (await process.StandardError.ReadToEndAsync()).Trim();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? string.Empty
                : message.Length > 0 ? message
                : $"it ended with {process.ExitCode}";
        }
    }

    private static ProcessStartInfo Prepare(params string[] arguments) =>
        new(Find(), arguments) { RedirectStandardError = true };

    private static string Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Join(folder, Program))
            .FirstOrDefault(File.Exists)
        ?? throw new FuseMountException(
            $"{Program} is not on the PATH. Install it (Debian: 'apt install fuse3'), or mount "
            + "as root.");

    private string Data(bool readOnly) =>
        $"fsname={options.Source},subtype=vmseed,max_read={options.TransferLength},"
        + "default_permissions,nosuid,nodev"
        + (readOnly ? ",ro" : string.Empty)
        + (options.AllowOther ? ",allow_other" : string.Empty);
}
