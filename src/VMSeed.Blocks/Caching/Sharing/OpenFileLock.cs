using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>Linux: locks on two bytes far behind the store's end, owned by an open file
/// description.</summary>
/// <remarks>
/// fcntl(2), "Open file description locks": unlike the older kind, two openings in one process
/// exclude each other, and closing some other handle of the file gives nothing up.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed partial class OpenFileLock : StoreLock
{
    private const int SetLock = 37; // F_OFD_SETLK of linux/fcntl.h
    private const short ReadLock = 0; // F_RDLCK
    private const short WriteLock = 1; // F_WRLCK
    private const short Unlock = 2; // F_UNLCK
    private const int TryAgain = 11; // EAGAIN
    private const int Denied = 13; // EACCES, which POSIX allows for the same
    private const long ChangeByte = 1L << 62;
    private const long OpenByte = ChangeByte + 1;

    private readonly SafeFileHandle _file;

    /// <summary>Opens the locks.</summary>
    /// <param name="path">The store's file.</param>
    public OpenFileLock(string path) => _file = File.OpenHandle(
        path,
        FileMode.OpenOrCreate,
        FileAccess.ReadWrite,
        FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public override bool TryEnter() => TrySet(WriteLock, ChangeByte);

    /// <inheritdoc/>
    public override void Exit() => TrySet(Unlock, ChangeByte);

    /// <inheritdoc/>
    public override bool IsAlone() => TrySet(WriteLock, OpenByte);

    /// <inheritdoc/>
    public override void StayOpen() => TrySet(ReadLock, OpenByte);

    /// <inheritdoc/>
    public override void Dispose() => _file.Dispose();

    private unsafe bool TrySet(short type, long offset)
    {
        FileLock request = new(type, offset, length: 1);
        if (Control(_file, SetLock, &request) == 0)
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
