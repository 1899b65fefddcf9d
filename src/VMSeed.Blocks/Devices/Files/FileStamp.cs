using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace VMSeed.Blocks.Devices.Files;

/// <summary>What differs when a file has been written in between.</summary>
/// <remarks>
/// Linux's time of change (ctime) cannot be set back by programs, as the time of modification can.
/// Both have the resolution of the kernel's clock tick: two writes within some 4 ms may leave one
/// stamp.
/// </remarks>
/// <param name="Length">The length in bytes.</param>
/// <param name="Modified">When its bytes were last written, in nanoseconds.</param>
/// <param name="Changed">When the file was last changed in any way, in nanoseconds; 0 where it is
/// not known.</param>
internal readonly record struct FileStamp(long Length, Int128 Modified, Int128 Changed)
{
    private const int StatSize = 256;

    public static FileStamp Of(SafeFileHandle file)
    {
        long length = RandomAccess.GetLength(file);
        Span<byte> stat = stackalloc byte[StatSize];
        if (OperatingSystem.IsLinux()
            && LinuxCalls.Stat(
                file, "", LinuxCalls.EmptyPath, LinuxCalls.BasicStats,
                ref MemoryMarshal.GetReference(stat)) == 0)
        {
            // struct statx of linux/stat.h, the same on every architecture.
            return new FileStamp(length, Time(stat[112..]), Time(stat[96..]));
        }

        return new FileStamp(length, File.GetLastWriteTimeUtc(file).Ticks, 0);
    }

    private static Int128 Time(ReadOnlySpan<byte> timestamp) =>
        ((Int128)BinaryPrimitives.ReadInt64LittleEndian(timestamp) * 1_000_000_000)
        + BinaryPrimitives.ReadUInt32LittleEndian(timestamp[8..]);
}
