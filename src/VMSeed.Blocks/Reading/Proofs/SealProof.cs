using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Resident;

namespace VMSeed.Blocks.Reading.Proofs;

/// <summary>Blocks of a file that nobody has signed or hashed.</summary>
/// <remarks>What comes from the server is believed because the answer named the version that the
/// device is bound to, which the source has checked; what comes from the cache, because it is
/// sealed.</remarks>
/// <param name="name">The file's name.</param>
internal sealed class SealProof(string name) : BlockProof
{
    /// <inheritdoc/>
    public override int TrailerLength => SealedBlock.TrailerBytes;

    /// <inheritdoc/>
    public override bool BlamesServers => false;

    /// <inheritdoc/>
    public override string NameOf(in PackRecord pack) => name;

    /// <inheritdoc/>
    public override bool IsFrame(ReadOnlySpan<byte> stored, in FrameRecord frame) => true;

    /// <inheritdoc/>
    public override bool IsFetched(BlockBuffer block, Digest name) => true;

    /// <inheritdoc/>
    public override bool IsKept(BlockBuffer block, Digest name) =>
        SealedBlock.IsWhole(block.Stored.Span, name);

    /// <inheritdoc/>
    public override void Seal(BlockBuffer block, Digest name) =>
        SealedBlock.Seal(block.Stored.Span, name);
}
