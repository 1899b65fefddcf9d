using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Makes ranges read as zeros without writing them, where the system can.</summary>
/// <remarks>
/// On Linux fallocate punches a hole, which gives the storage back; where that is not possible it
/// may still mark the range as zeros (fallocate(2)). Both leave the file's length alone, and both
/// zero the parts of blocks at the ends of a range, so that a range of a file needs no alignment.
/// </remarks>
internal static class HolePunch
{
    // fallocate's modes, from linux/falloc.h.
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int ZeroRange = 16;

    /// <summary>Zeroes a range and gives its storage back.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; at least 1.</param>
    /// <returns>False when the system cannot, and the zeros have to be written.</returns>
    internal static bool TryZero(SafeFileHandle file, long offset, long length) =>
        TryPunch(file, offset, length)
        || TryMode(file, ZeroRange, offset, length);

    /// <summary>Punches a hole.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes; at least 1.</param>
    /// <returns>False when the system cannot.</returns>
    internal static bool TryPunch(SafeFileHandle file, long offset, long length) =>
        TryMode(file, PunchHole, offset, length);

    private static bool TryMode(SafeFileHandle file, int mode, long offset, long length) =>
        OperatingSystem.IsLinux() && nint.Size == 8 && TryAllocate(file, mode, offset, length);

    [SupportedOSPlatform("linux")]
    private static bool TryAllocate(SafeFileHandle file, int mode, long offset, long length)
    {
        while (LinuxCalls.Allocate(file, mode | KeepSize, offset, length) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case LinuxCalls.Interrupted:
                    continue;
                case LinuxCalls.NotSupported:
                case LinuxCalls.NoSuchCall:
                case LinuxCalls.InvalidArgument: // A range of a block device that is not aligned.
                    return false;
                case int error:
                    throw BlockingFile.Failure($"Zeroing {length} bytes at {offset}", error);
            }
        }

        return true;
    }
}
