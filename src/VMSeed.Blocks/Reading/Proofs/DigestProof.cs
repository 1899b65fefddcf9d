using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Resident;

namespace VMSeed.Blocks.Reading.Proofs;

/// <summary>Blocks of a published image: the index, and through it the signed head, has the digest
/// of each.</summary>
internal sealed class DigestProof : BlockProof
{
    public static DigestProof Instance { get; } = new();

    /// <inheritdoc/>
    public override int TrailerLength => 0;

    /// <inheritdoc/>
    public override bool BlamesServers => true;

    /// <inheritdoc/>
    public override string NameOf(in PackRecord pack) => RepositoryPaths.Object(pack.Digest);

    /// <inheritdoc/>
    public override bool IsFrame(ReadOnlySpan<byte> stored, in FrameRecord frame) =>
        ShortDigest.Of(stored) == frame.Digest;

    /// <inheritdoc/>
    public override bool IsFetched(BlockBuffer block, Digest name) =>
        Digest.Of(block.Span) == name;

    /// <inheritdoc/>
    public override bool IsKept(BlockBuffer block, Digest name) => IsFetched(block, name);

    /// <inheritdoc/>
    public override void Seal(BlockBuffer block, Digest name)
    {
    }
}
