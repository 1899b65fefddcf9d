using System.Buffers.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Creation;

/// <summary>What stands before everything in a streamOptimized extent but its header.</summary>
internal static class StreamMarker
{
    /// <summary>Before a grain: its sector on the disk, and its length.</summary>
    public const int GrainLength = 12;

    public const uint EndOfStream = 0;
    public const uint Table = 1;
    public const uint Directory = 2;
    public const uint Footer = 3;

    /// <summary>Writes the marker of a grain.</summary>
    public static void PutGrain(Span<byte> target, long sector, int length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, sector);
        BinaryPrimitives.WriteInt32LittleEndian(target[sizeof(long)..], length);
    }

    /// <summary>A sector that says what follows in so many sectors.</summary>
    public static byte[] Of(uint type, long sectors)
    {
        byte[] bytes = new byte[SectorSize];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(GrainLength), type);
        return bytes;
    }
}
