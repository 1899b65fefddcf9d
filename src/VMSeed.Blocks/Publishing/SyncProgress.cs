namespace VMSeed.Blocks.Publishing;

/// <summary>How far a copy onto a mirror has come.</summary>
/// <param name="Objects">Objects that the mirror has, of those that are needed.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="TotalBytes">Bytes of all that are needed; 0 while the indexes are being
/// read.</param>
/// <param name="CopiedBytes">Bytes that were copied.</param>
public readonly record struct SyncProgress(
    long Objects, long Bytes, long TotalBytes, long CopiedBytes);
