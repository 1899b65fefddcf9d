using VMSeed.Blocks.Images.Heads;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>What packing a disk came to.</summary>
/// <param name="Index">The root of its index.</param>
/// <param name="UsedPacks">The packs, by number, that the index names.</param>
/// <param name="DataBlocks">Blocks that are not zero.</param>
/// <param name="NewBlocks">Blocks that were stored.</param>
/// <param name="StoredBytes">Bytes of the frames that hold the data blocks, each frame
/// once.</param>
/// <param name="NewStoredBytes">Bytes of the frames that were stored.</param>
internal sealed record PackTotals(
    IndexRoot Index,
    IReadOnlyCollection<int> UsedPacks,
    long DataBlocks,
    long NewBlocks,
    long StoredBytes,
    long NewStoredBytes);
