namespace VMSeed.Blocks.Publishing.Deduplication;

/// <summary>Where a block lies: the number of its frame in the table, and where it begins
/// there.</summary>
internal readonly record struct BlockPlace(int Frame, int Offset);
