using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Fuse.Interop;

/// <summary>The system calls of Linux that .NET does not offer.</summary>
internal static unsafe partial class Libc
{
    public const int O_RDWR = 2;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;

    public const nuint MS_RDONLY = 1;
    public const nuint MS_NOSUID = 2;
    public const nuint MS_NODEV = 4;

    public const int MNT_DETACH = 2;
    public const int UMOUNT_NOFOLLOW = 8;

    public const int AF_UNIX = 1;
    public const int SOCK_STREAM = 1;
    public const int SOCK_SEQPACKET = 5;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;
    public const int SOL_SOCKET = 1;
    public const int SCM_RIGHTS = 1;
    public const int F_SETFD = 2;

    /// <summary>_IOR(229, 0, uint32_t): makes a fresh /dev/fuse descriptor one more of a
    /// connection.</summary>
    public const nuint FUSE_DEV_IOC_CLONE = 0x8004E500;

    /// <summary>Larger than struct statfs on any architecture; only the call's success is of
    /// interest.</summary>
    public const int StatFsRoom = 256;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeFileHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeFileHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeFileHandle descriptor, nuint request, int* argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(SafeFileHandle descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(
        string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fstatfs(SafeFileHandle descriptor, byte* result);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socketpair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(SafeFileHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial uint getegid();

    /// <summary>The two ends of a connected Unix socket; neither survives an exec.</summary>
    public static (SafeFileHandle Ours, SafeFileHandle Theirs) SocketPair(int type)
    {
        int* pair = stackalloc int[2];
        return socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == 0
            ? (new SafeFileHandle(pair[0], true), new SafeFileHandle(pair[1], true))
            : throw new IOException($"socketpair: {Marshal.GetLastPInvokeErrorMessage()}.");
    }
}
