using VMSeed.Disks.Formats.Qcow2.Header;

namespace VMSeed.Disks.Formats.Qcow2.Packing;

/// <summary>Where a compressed cluster lies.</summary>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Length">Bytes up to the end of its last sector: the true end is not
/// stored.</param>
internal readonly record struct PackedPlace(long Offset, int Length)
{
    private const int SectorSize = 512;

    public long End => Offset + Length;

    /// <summary>Reads the descriptor of an L2 entry: the offset below, and above it how many
    /// sectors follow the first.</summary>
    public static PackedPlace Parse(long descriptor, Qcow2Geometry geometry)
    {
        int bits = OffsetBits(geometry);
        long offset = descriptor & ((1L << bits) - 1);
        int sectors = (int)((descriptor & ((1L << 62) - 1)) >> bits) + 1;
        return new(offset, (sectors * SectorSize) - (int)(offset % SectorSize));
    }

    /// <summary>The descriptor of so many bytes at an offset.</summary>
    public static ulong ToDescriptor(long offset, int length, Qcow2Geometry geometry)
    {
        long sectors = ((offset + length - 1) / SectorSize) - (offset / SectorSize);
        return (ulong)offset | ((ulong)sectors << OffsetBits(geometry));
    }

    private static int OffsetBits(Qcow2Geometry geometry) => 62 - (geometry.ClusterBits - 8);
}
