using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Resident;

namespace VMSeed.Blocks.Reading.Proofs;

/// <summary>Why bytes are believed to be a block: all that differs between the read path of a
/// published image and that of any file.</summary>
internal abstract class BlockProof
{
    /// <summary>Bytes that a block has behind it in the cache.</summary>
    public abstract int TrailerLength { get; }

    /// <summary>Whether <see cref="IsFrame"/> says something of the server that sent the
    /// bytes.</summary>
    public abstract bool BlamesServers { get; }

    /// <summary>What a pack is called in requests and messages.</summary>
    public abstract string NameOf(in PackRecord pack);

    /// <summary>Whether bytes that came are those of a frame, before anything decodes
    /// them.</summary>
    public abstract bool IsFrame(ReadOnlySpan<byte> stored, in FrameRecord frame);

    /// <summary>Whether bytes that were decoded are those of a block.</summary>
    public abstract bool IsFetched(BlockBuffer block, Digest name);

    /// <summary>Whether bytes from the cache, with what lies behind them, are those of a
    /// block.</summary>
    public abstract bool IsKept(BlockBuffer block, Digest name);

    /// <summary>Writes what is to lie behind a block in the cache.</summary>
    public abstract void Seal(BlockBuffer block, Digest name);
}
