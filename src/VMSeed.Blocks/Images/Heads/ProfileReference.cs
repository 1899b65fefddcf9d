using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>Where a profile is.</summary>
/// <param name="Digest">The digest of its object.</param>
/// <param name="Length">Bytes of that object.</param>
public sealed record ProfileReference(Digest Digest, int Length)
{
    /// <summary>The run of frames that the profile begins with.</summary>
    public PackRange? First { get; init; }
}
