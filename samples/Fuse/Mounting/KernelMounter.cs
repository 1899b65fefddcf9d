using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>mount(2), for root.</summary>
internal sealed class KernelMounter(FuseMountOptions options) : Mounter
{
    private const string FileSystemType = "fuse.vmseed";

    private CrashWatch? _watch;

    public override Task<SafeFileHandle> MountAsync(string mountPoint, bool readOnly) =>
        Task.Run(() => Mount(mountPoint, readOnly));

    public override Task<string?> UnmountAsync(string mountPoint, bool lazy) => Task.Run(() =>
        Libc.umount2(mountPoint, Libc.UMOUNT_NOFOLLOW | (lazy ? Libc.MNT_DETACH : 0)) == 0
            ? null
            : Marshal.GetLastPInvokeErrorMessage());

    public override void Dispose() => _watch?.Dispose();

    private SafeFileHandle Mount(string mountPoint, bool readOnly)
    {
        SafeFileHandle device = FuseDevice.Open();
        _watch = CrashWatch.Start(mountPoint, "umount -l"); // First, so that no moment is missed.
        nuint flags = Libc.MS_NOSUID | Libc.MS_NODEV | (readOnly ? Libc.MS_RDONLY : 0);
        if (Libc.mount(options.Source, mountPoint, FileSystemType, flags, Data(device)) == 0)
        {
            return device;
        }

        int error = Marshal.GetLastPInvokeError();
        device.Dispose();
        throw new FuseMountException(
            $"The kernel did not mount at '{mountPoint}': {Marshal.GetPInvokeErrorMessage(error)}."
            + (error == Errno.EPERM
                ? " In a container, root needs '--cap-add SYS_ADMIN' for it."
                : string.Empty));
    }

    private string Data(SafeFileHandle device) =>
        $"fd={device.DangerousGetHandle()},rootmode=40000,user_id={Libc.geteuid()},"
        + $"group_id={Libc.getegid()},max_read={options.TransferLength},default_permissions"
        + (options.AllowOther ? ",allow_other" : string.Empty);
}
