namespace VMSeed.Blocks.Publishing;

/// <summary>How far a publish has come.</summary>
/// <param name="Position">Up to where the disk has been packed, in bytes.</param>
/// <param name="Length">The disk's size in bytes.</param>
/// <param name="DataBlocks">Blocks so far that are not zero.</param>
/// <param name="NewBlocks">Blocks among them that the repository did not have.</param>
/// <param name="StoredBytes">Bytes that they came to, compressed.</param>
public readonly record struct PublishProgress(
    long Position, long Length, long DataBlocks, long NewBlocks, long StoredBytes);
