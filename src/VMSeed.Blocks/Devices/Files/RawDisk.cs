using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>What is different when the "file" is a disk or a partition of the system.</summary>
/// <remarks>
/// On Linux its length as a file is 0, its size is where lseek finds the end, and it is trimmed
/// with BLKDISCARD (linux/fs.h). Elsewhere only files are opened.
/// </remarks>
internal static class RawDisk
{
    private const nuint Discard = 0x1277; // BLKDISCARD: _IO(0x12, 119)
    private const int SeekEnd = 2;

    // A sector has 512 or 4,096 bytes; a range of whole larger ones is one of whole smaller ones
    // too.
    private const long Alignment = 4096;

    /// <summary>The size of a disk or partition.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="length">The size in bytes.</param>
    /// <returns>False when this is a file like any other.</returns>
    internal static bool TryGetLength(SafeFileHandle file, out long length)
    {
        length = 0;
        if (!OperatingSystem.IsLinux() || nint.Size != 8)
        {
            return false;
        }

        length = LinuxCalls.Seek(file, 0, SeekEnd);
        return length > 0;
    }

    /// <summary>Tells a disk that a range is of no further use; one that cannot be told does not
    /// mind.</summary>
    /// <param name="file">The disk.</param>
    /// <param name="offset">Where to begin, in bytes; sectors that lie in the range in part are
    /// kept.</param>
    /// <param name="length">How far, in bytes.</param>
    [SupportedOSPlatform("linux")]
    internal static unsafe void Trim(SafeFileHandle file, long offset, long length)
    {
        long start = (offset + Alignment - 1) / Alignment * Alignment;
        long end = (offset + length) / Alignment * Alignment;
        ulong* range = stackalloc ulong[] { (ulong)start, (ulong)(end - start) };
        while (end > start && LinuxCalls.Control(file, Discard, range) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case LinuxCalls.Interrupted:
                    continue;
                case LinuxCalls.NotSupported or LinuxCalls.InvalidArgument
                    or LinuxCalls.InappropriateCall:
                    return;
                case int error:
                    throw BlockingFile.Failure($"Trimming {length} bytes at {offset}", error);
            }
        }
    }
}
