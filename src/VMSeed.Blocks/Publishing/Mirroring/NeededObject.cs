using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>An object that a head reaches.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct NeededObject(Digest Digest, long Length);
