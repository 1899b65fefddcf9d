namespace VMSeed.Blocks.Images.Heads;

/// <summary>How much a version of an image holds.</summary>
/// <param name="DataBlocks">Blocks that are not zero.</param>
/// <param name="ZeroBlocks">Blocks that are.</param>
/// <param name="StoredBytes">Bytes of the frames that hold the blocks, each frame once.</param>
public sealed record ContentSummary(long DataBlocks, long ZeroBlocks, long StoredBytes);
