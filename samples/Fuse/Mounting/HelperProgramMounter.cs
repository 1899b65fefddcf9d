using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>fusermount3, the set-user-ID program of FUSE, for everybody but root.</summary>
/// <remarks>
/// It mounts, and passes its descriptor of /dev/fuse back over a Unix socket whose number it finds
/// in its
/// environment. With auto_unmount it stays and holds the socket: when our end closes, by plan or by
/// a crash,
/// it unmounts.
/// </remarks>
internal sealed class HelperProgramMounter(FuseMountOptions options) : Mounter
{
    private const string Program = "fusermount3";
    private const string SocketVariable = "_FUSE_COMMFD";

    private SafeFileHandle? _socket;

    public override async Task<SafeFileHandle> MountAsync(string mountPoint, bool readOnly)
    {
        (SafeFileHandle ours, SafeFileHandle theirs) = Libc.SocketPair(Libc.SOCK_STREAM);
        _socket = ours;
        ProcessStartInfo start = new(Program, ["-o", Data(readOnly), "--", mountPoint])
        {
            RedirectStandardError = true,
        };
        start.Environment[SocketVariable] =
            theirs.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);
        Process process;
        using (theirs)
        {
            // From here to the end of this block any child that is started inherits the socket.
            _ = Libc.fcntl(theirs, Libc.F_SETFD, 0);
            process = Run(start);
        }

        SafeFileHandle? device = await Task.Run(() => DescriptorSocket.Receive(ours));
        return device ?? throw new FuseMountException(
            $"{Program} did not mount at '{mountPoint}': "
            + (await process.StandardError.ReadToEndAsync()).Trim());
    }

    public override async Task<string?> UnmountAsync(string mountPoint, bool lazy)
    {
        string[] arguments = lazy ? ["-u", "-z", "--", mountPoint] : ["-u", "--", mountPoint];
        using Process process =
            Run(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true });
        string message = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : message.Trim();
    }

    public override void Dispose() => _socket?.Dispose();

    private static Process Run(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new FuseMountException(
                $"{Program} is not on the PATH. Install it (Debian: 'apt install fuse3'), or "
                + "mount as root.",
                failure);
        }
    }

    private string Data(bool readOnly) =>
        $"fsname={options.Source},subtype=vmseed,max_read={options.TransferLength},"
        + "default_permissions,nosuid,nodev,auto_unmount"
        + (readOnly ? ",ro" : string.Empty)
        + (options.AllowOther ? ",allow_other" : string.Empty);
}
