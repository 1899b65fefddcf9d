using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Linux: locks on single bytes of a file, owned by an open file description.</summary>
/// <remarks>
/// fcntl(2), "Open file description locks": unlike the older kind, two openings in one process
/// exclude each other, and closing some other handle of the file gives nothing up. They end with
/// the process. Who only looks at the file takes none, and is not hindered.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static partial class ByteLock
{
    /// <summary>Bytes from here on are far behind the end of any file, and stand for
    /// locks.</summary>
    internal const long FirstFreeByte = 1L << 62;

    private const int SetLock = 37; // F_OFD_SETLK of linux/fcntl.h
    private const short ReadLock = 0; // F_RDLCK
    private const short WriteLock = 1; // F_WRLCK
    private const short Unlock = 2; // F_UNLCK
    private const int TryAgain = 11; // EAGAIN
    private const int Denied = 13; // EACCES, which POSIX allows for the same

    /// <summary>Takes a byte, or changes how it is held.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The byte.</param>
    /// <param name="alone">Whether nobody else may hold it; else others may hold it
    /// likewise.</param>
    /// <returns>False when another holds it in a way that excludes this one.</returns>
    /// <exception cref="IOException">The file system has no locks.</exception>
    internal static bool TryTake(SafeFileHandle file, long offset, bool alone) =>
        TrySet(file, alone ? WriteLock : ReadLock, offset);

    /// <summary>Lets go of a byte.</summary>
    internal static void Release(SafeFileHandle file, long offset) => TrySet(file, Unlock, offset);

    private static unsafe bool TrySet(SafeFileHandle file, short type, long offset)
    {
        FileLock request = new(type, offset, length: 1);
        if (Control(file, SetLock, &request) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is TryAgain or Denied
            ? false
            : throw new IOException(
                $"Locking failed: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static unsafe partial int Control(SafeFileHandle file, int command, FileLock* request);

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FileLock(short type, long start, long length)
    {
        private readonly short _type = type;
        private readonly short _whence; // SEEK_SET
        private readonly long _start = start;
        private readonly long _length = length;
        private readonly int _process; // 0, as open file description locks want it
    }
}
