namespace VMSeed.Blocks.Codecs;

/// <summary>How a frame's plain bytes are encoded (docs/IMAGE-FORMAT.md, section 2).</summary>
public enum FrameCodec
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>One Zstandard frame (RFC 8878).</summary>
    Zstd = 1,

    /// <summary>One zlib stream (RFC 1950).</summary>
    Deflate = 2,
}
