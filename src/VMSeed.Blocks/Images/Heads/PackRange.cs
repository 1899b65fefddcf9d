using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Heads;

/// <summary>A range of a pack.</summary>
/// <param name="Pack">The pack's digest.</param>
/// <param name="PackLength">The pack's length in bytes.</param>
/// <param name="Offset">Where the range begins, in bytes.</param>
/// <param name="Length">How far it goes, in bytes.</param>
public sealed record PackRange(Digest Pack, long PackLength, long Offset, int Length);
