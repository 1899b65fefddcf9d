namespace VMSeed.Blocks.Images.Packs;

/// <summary>Where a block's bytes are stored.</summary>
/// <param name="Pack">The pack.</param>
/// <param name="Frame">The frame in it.</param>
/// <param name="Place">Where the block begins in the frame's plain bytes.</param>
internal readonly record struct BlockLocation(PackRecord Pack, FrameRecord Frame, int Place);
