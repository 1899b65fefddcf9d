using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>A block in a batch, and what became of it.</summary>
/// <remarks>Mutable: it lies in an array of a batch, and the stages fill it in place one after
/// another.</remarks>
internal struct PackableBlock
{
    public long Index;
    public int Length;
    public bool IsZero;

    /// <summary>Whether the disk knew the digest, of a block that is stored: its bytes have not
    /// been read.</summary>
    public bool IsKnown;
    public Digest Digest;

    /// <summary>0 when the table had the block already.</summary>
    public int StoredLength;
    public FrameCodec Codec;
    public ShortDigest StoredDigest;

    /// <summary>The frame of this block alone.</summary>
    public readonly FrameRecord Frame(int pack, long offset) =>
        new(pack, offset, StoredLength, Length, Codec, StoredDigest);
}
