using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using VMSeed.Fuse.Interop;

namespace VMSeed.Fuse.Mounting;

/// <summary>/dev/fuse, the door to the kernel's FUSE.</summary>
internal static class FuseDevice
{
    private const string DevicePath = "/dev/fuse";

    /// <summary>Opens it.</summary>
    /// <exception cref="FuseMountException">It is not there, or closed to this user.</exception>
    public static SafeFileHandle Open()
    {
        SafeFileHandle device = Libc.open(DevicePath, Libc.O_RDWR | Libc.O_CLOEXEC);
        if (!device.IsInvalid) { return device; }

        int error = Marshal.GetLastPInvokeError();
        throw new FuseMountException(error == Errno.EACCES
            ? $"{DevicePath} is closed to this user, and so to fusermount3. Mount as root, or let "
                + $"root open it as most systems do: 'chmod 666 {DevicePath}'."
            : $"There is no FUSE here: {DevicePath} cannot be opened "
                + $"({Marshal.GetPInvokeErrorMessage(error)}). Load the kernel's module with "
                + "'modprobe fuse'; in a container, add '--device /dev/fuse --cap-add SYS_ADMIN'.");
    }
}
