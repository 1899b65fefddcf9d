namespace VMSeed.Disks.Formats.Cloop;

/// <summary>How a block is packed. The first five are version 4's numbers.</summary>
internal enum CloopCodec
{
    Zlib = 0,
    None = 1,
    Xz = 2,
    Lz4 = 3,
    Lzo1x = 4,

    /// <summary>FreeBSD's, for a whole image; cloop has no number for it.</summary>
    Zstd = 16,
}
