namespace VMSeed.Disks.Formats.Cloop;

/// <summary>Numbers of the cloop format, by the offsets of <c>cloop.h</c> (cloop-src 3.14) and of
/// FreeBSD's <c>geom_uzip</c>.</summary>
internal static class CloopConstants
{
    /// <summary>A shell script that mounts the file it stands in, padded with zeros.</summary>
    public const int PreambleLength = 128;

    /// <summary>The preamble, the block size and the number of blocks.</summary>
    public const int HeaderLength = PreambleLength + 8;

    /// <summary>Where the preamble says which version follows: "V2.0".</summary>
    public const int VersionOffset = 0x0B;

    /// <summary>Bytes of an entry of the index, big-endian.</summary>
    public const int EntrySize = 8;

    /// <summary>Blocks are whole sectors.</summary>
    public const int LeastBlockSize = 512;

    /// <summary>4 MiB: 16 times what live systems use. A read unpacks a block whole, so that a
    /// larger bound is memory for whoever forges a header.</summary>
    public const int GreatestBlockSize = 4 << 20;

    /// <summary>64 Mi blocks, an index of 512 MiB, as QEMU allows; the bits that tell zeros in an
    /// image with references are then 8 MiB.</summary>
    public const int GreatestBlockCount = 64 << 20;

    /// <summary>Version 4 keeps a block's codec in the upper four bits of its entry.</summary>
    public const int CodecShift = 60;

    /// <summary>The most that a block of incompressible bytes occupies: <c>create_compressed_fs</c>
    /// reckons a thousandth and 12 bytes; zstd and others stay below an eighth and
    /// 64.</summary>
    public static int GreatestPackedSize(int blockSize) => blockSize + (blockSize / 8) + 64;
}
