using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>Where a file has holes; where no system says so, all of it is data.</summary>
/// <remarks>
/// Linux tells with lseek and SEEK_DATA, SEEK_HOLE (lseek(2)), which move the position of the open
/// file; nothing here ever reads from it. "Data" is the safe answer whenever something changed
/// between two calls: it only means that a reader has to look.
/// </remarks>
internal static class HoleMap
{
    private const int SeekData = 3;
    private const int SeekHole = 4;

    /// <summary>Maps the beginning of a range.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where to look, in bytes.</param>
    /// <param name="length">How far to look at the most, in bytes; at least 1.</param>
    /// <returns>An extent of data or zeros that begins at the offset.</returns>
    internal static Extent Find(SafeFileHandle file, long offset, long length) =>
        OperatingSystem.IsLinux() && nint.Size == 8
            ? FindLinux(file, offset, length)
            : new Extent(offset, length, ExtentKind.Data);

    [SupportedOSPlatform("linux")]
    private static Extent FindLinux(SafeFileHandle file, long offset, long length)
    {
        long data = LinuxCalls.Seek(file, offset, SeekData);
        if (data < 0)
        {
            // ENXIO: no data from here to the end. Anything else: the file cannot tell (block
            // devices).
            return Marshal.GetLastPInvokeError() == LinuxCalls.NoSuchAddress
                ? new Extent(offset, length, ExtentKind.Zero)
                : new Extent(offset, length, ExtentKind.Data);
        }

        if (data > offset)
        {
            return new Extent(offset, Math.Min(data - offset, length), ExtentKind.Zero);
        }

        long hole = LinuxCalls.Seek(file, offset, SeekHole);
        return hole > offset
            ? new Extent(offset, Math.Min(hole - offset, length), ExtentKind.Data)
            : new Extent(offset, length, ExtentKind.Data);
    }
}
