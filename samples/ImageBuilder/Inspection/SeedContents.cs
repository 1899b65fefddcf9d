using VMSeed.Blocks.Caching;

namespace VMSeed.ImageBuilder.Inspection;

/// <summary>What a seed holds.</summary>
/// <param name="DiskId">The seed's identifier.</param>
/// <param name="Created">When it was built.</param>
/// <param name="Images">The images that it boots.</param>
/// <param name="Partitions">Its partitions.</param>
/// <param name="Cache">What the cache partition holds; no blocks where no guest has used it
/// yet.</param>
/// <param name="Changes">The file system of the changes partition; null where it was never
/// formatted.</param>
public sealed record SeedContents(
    Guid DiskId,
    DateTimeOffset Created,
    IReadOnlyList<SeededImage> Images,
    IReadOnlyList<SeedPartition> Partitions,
    BlockCacheStatistics Cache,
    ChangesFileSystem? Changes);
