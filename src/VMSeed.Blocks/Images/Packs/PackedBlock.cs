using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>A block and its place in the frame's plain bytes.</summary>
internal readonly record struct PackedBlock(Digest Digest, int Place);
