using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;
using VMSeed.Blocks.Trust.Freshness;

namespace VMSeed.Blocks.Opening;

/// <summary>A head that a pinned key vouches for.</summary>
/// <param name="Head">What it says.</param>
/// <param name="Signers">The pinned keys that signed it; none where unsigned heads are
/// allowed.</param>
/// <param name="KeyIds">The keys that its signatures name, checked or not.</param>
/// <param name="File">The signed file that it came in.</param>
internal sealed record VerifiedHead(
    ImageHead Head,
    IReadOnlyList<PublicKey> Signers,
    IReadOnlyList<string> KeyIds,
    ReadOnlyMemory<byte> File)
{
    /// <summary>What freshness depends on.</summary>
    public HeadFacts Facts => new(
        Head.Name,
        Head.Version,
        Head.SignedAt,
        Head.Expires,
        Digest.Of(HeadJson.Write(Head with { SignedAt = Head.Created, Expires = null })));
}
