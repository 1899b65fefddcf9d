namespace VMSeed.ImageBuilder.Partitions;

// A VHD says its size twice, in bytes and as cylinders, heads and sectors, and products believe one
// or the other. A disk that is of another size to Virtual PC than to Hyper-V has lost its second
// partition table for one of them. So a seed's size is one that a VHD's geometry tells exactly, and
// whole mebibytes, which suits the units of all other formats:
//   * from 31.5 GiB on a geometry has 16 heads of 255 sectors: 4080 sectors a cylinder, and the
//     least common multiple with 2048 sectors is 255 MiB;
//   * below, 16 heads of 63 sectors: 1008 a cylinder, and 63 MiB.
// So "32 GiB" is 31.875 GiB, 128 times 255 MiB, in every product.

/// <summary>The virtual size of a seed.</summary>
public static class SeedSize
{
    private const long Mebibyte = 1L << 20;

    /// <summary>From here on a geometry has 255 sectors a track (Virtual Hard Disk Image Format
    /// Specification, appendix "CHS calculation").</summary>
    private const long ManySectors = 65535L * 16 * 63 * 512;

    /// <summary>The greatest size that a geometry tells.</summary>
    private const long LargestGeometry = 65535L * 16 * 255 * 512;

    /// <summary>The least that may be asked for: 1 GiB. The boot partition takes an eighth of it;
    /// a cache of less than half a gibibyte holds no whole system.</summary>
    public const long Least = 1L << 30;

    /// <summary>The most that may be asked for: 2040 GiB, where VHD ends.</summary>
    public const long Greatest = 2040L << 30;

    /// <summary>What a seed has when nothing is asked for: 32 GiB, made exact.</summary>
    public const long Default = 32L << 30;

    /// <summary>The largest size, not above another, that every product understands
    /// alike.</summary>
    /// <param name="bytes">The size that is wished for.</param>
    /// <returns>The size in bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The wish is out of bounds.</exception>
    public static long Of(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, Least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Greatest);
        if (bytes > LargestGeometry)
        {
            return RoundDown(bytes, Mebibyte);
        }

        long large = RoundDown(bytes, 255 * Mebibyte);
        return large >= ManySectors
            ? large
            : RoundDown(Math.Min(bytes, ManySectors - 1), 63 * Mebibyte);
    }

    private static long RoundDown(long value, long unit) => value / unit * unit;
}
