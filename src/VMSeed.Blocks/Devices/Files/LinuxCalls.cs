using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

// The one native library is the system's; nothing beside the program may stand in for it.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace VMSeed.Blocks.Devices.Files;

/// <summary>The calls of Linux that .NET does not offer; each has its user in a file of its
/// own.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LinuxCalls
{
    // Error numbers that all of Linux's architectures share (asm-generic/errno-base.h) …
    internal const int Interrupted = 4; // EINTR
    internal const int NoSuchAddress = 6; // ENXIO
    internal const int InvalidArgument = 22; // EINVAL
    internal const int InappropriateCall = 25; // ENOTTY

    // … and the two that x86, ARM and RISC-V do (asm-generic/errno.h).
    internal const int NoSuchCall = 38; // ENOSYS
    internal const int NotSupported = 95; // EOPNOTSUPP

    // SetLastError is left out of the two calls below on purpose: it takes 4 ns of the 200 that 4
    // KiB from the processor's cache take, and their users only ask "all of it, now?" and let the
    // blocking call find the reason of a no. SuppressGCTransition is left out too: a collection
    // would wait for a copy that may be a megabyte long.
    [LibraryImport("libc", EntryPoint = "preadv2")]
    internal static partial nint ReadVector(
        SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "pwritev2")]
    internal static partial nint WriteVector(
        SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(SafeFileHandle file);

    internal const int EmptyPath = 0x1000; // AT_EMPTY_PATH: the file itself
    internal const uint BasicStats = 0x7ff; // STATX_BASIC_STATS

    [LibraryImport(
        "libc",
        EntryPoint = "statx",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Stat(
        SafeFileHandle file, string path, int flags, uint mask, ref byte result);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, nuint request, ulong* argument);

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct IoVector(byte* start, nuint length)
    {
        private readonly byte* _start = start;
        private readonly nuint _length = length;
    }
}
