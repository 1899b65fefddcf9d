using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd.Structures;

// A footer says a disk's size twice: in bytes, and as cylinders, heads and sectors of a track,
// whose product is a little less. Virtual PC believes the geometry; Hyper-V, Azure and VirtualBox
// believe the bytes; QEMU decides by the name of the program that made the image. So one image is
// of two sizes, and what lies past the smaller is lost to some readers. A new image escapes in one
// of three ways:
//   * the product is exact: all agree;
//   * else it has the largest geometry there is, which readers of geometries take for "too large to
//     be told", and all but Virtual PC use the bytes;
//   * or the caller signs it with Windows' own name, which QEMU believes in bytes.

/// <summary>Cylinders, heads and sectors of a track.</summary>
internal readonly record struct VhdGeometry(int Cylinders, byte Heads, byte SectorsPerTrack)
{
    /// <summary>Stands for any size that cannot be told so.</summary>
    public static VhdGeometry Largest { get; } = new(65535, 16, 255);

    public long Size => (long)Cylinders * Heads * SectorsPerTrack * SectorSize;

    /// <summary>The geometry of a size: exact, or a little smaller (the specification's appendix
    /// "CHS calculation").</summary>
    public static VhdGeometry Of(long size)
    {
        long sectors = Math.Min(size, Largest.Size) / SectorSize;
        if (sectors >= 65535L * 16 * 63)
        {
            return Track(sectors, 255, 16);
        }

        long tracks = sectors / 17;
        long heads = Math.Max(4, (tracks + 1023) / 1024);
        if (tracks < heads * 1024 && heads <= 16)
        {
            return Track(sectors, 17, (byte)heads);
        }

        return sectors / 31 < 16 * 1024 ? Track(sectors, 31, 16) : Track(sectors, 63, 16);
    }

    /// <summary>The geometry for a new footer: exact, or <see cref="Largest"/>.</summary>
    public static VhdGeometry ExactOrLargest(long size)
    {
        VhdGeometry near = Of(size);
        return near.Size == size ? near : Largest;
    }

    private static VhdGeometry Track(long sectors, byte perTrack, byte heads) =>
        new((int)(sectors / perTrack / heads), heads, perTrack);
}
