namespace VMSeed.Blocks.Diagnostics;

/// <summary>What one lazy disk has done since it was opened.</summary>
/// <param name="Requests">Requests sent, each try counted.</param>
/// <param name="RequestedBytes">Bytes that they asked for.</param>
/// <param name="Failures">Tries that failed.</param>
/// <param name="Hits">Parts of blocks read from memory or the cache.</param>
/// <param name="Misses">Parts of blocks that a reader had to wait for.</param>
/// <param name="PrefetchedBlocks">Blocks asked for ahead of a reader.</param>
/// <param name="Heals">Cached blocks that did not verify, were dropped and fetched again.</param>
public readonly record struct DiskStatistics(
    long Requests,
    long RequestedBytes,
    long Failures,
    long Hits,
    long Misses,
    long PrefetchedBlocks,
    long Heals);
