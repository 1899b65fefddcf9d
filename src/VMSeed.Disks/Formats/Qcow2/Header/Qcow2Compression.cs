namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>How an image's compressed clusters are compressed, by the header's own
/// number.</summary>
internal enum Qcow2Compression
{
    /// <summary>A deflate stream without a header, whatever its name says.</summary>
    Zlib = 0,

    /// <summary>Zstandard frames.</summary>
    Zstd = 1,
}
