using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images;

/// <summary>A frame with the blocks that it holds, as a pack's trailer lists them.</summary>
internal readonly record struct PackedFrame(FrameRecord Frame, PackedBlock[] Blocks);

/// <summary>A block and its place in the frame's plain bytes.</summary>
internal readonly record struct PackedBlock(Digest Digest, int Place);
