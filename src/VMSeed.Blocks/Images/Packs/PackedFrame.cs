namespace VMSeed.Blocks.Images.Packs;

/// <summary>A frame with the blocks that it holds, as a pack's trailer lists them.</summary>
internal readonly record struct PackedFrame(FrameRecord Frame, PackedBlock[] Blocks);
