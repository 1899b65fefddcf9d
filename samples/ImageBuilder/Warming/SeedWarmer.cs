using VMSeed.Blocks;
using VMSeed.Blocks.Caching;
using VMSeed.ImageBuilder.Partitions;
using VMSeed.ImageBuilder.Seeds;

namespace VMSeed.ImageBuilder.Warming;

/// <summary>Puts blocks of an image into a seed's cache before any guest has asked for
/// them.</summary>
public static class SeedWarmer
{
    /// <summary>Fetches ranges of an image into the cache partition, in their order, with the index
    /// pages that lead to them.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="address">Where the image is read from.</param>
    /// <param name="options">How it is opened; what it says of caches is not used.</param>
    /// <param name="ranges">The ranges, in bytes of the image's disk, such as
    /// <see cref="TouchList"/> reads them.</param>
    /// <param name="progress">Hears how many bytes of the ranges are there.</param>
    /// <param name="cancellationToken">Gives up; what has come stays.</param>
    /// <returns>What the cache then holds.</returns>
    /// <exception cref="ArgumentException">A range does not lie within the image.</exception>
    /// <exception cref="Blocks.Primitives.BlockIOException">A block cannot be had.</exception>
    public static async Task<BlockCacheStatistics> WarmAsync(
        Seed seed,
        string address,
        LazyDiskOptions options,
        IReadOnlyList<(long Offset, long Length)> ranges,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        await using PartitionDevice device = new(
            seed.Disk, seed.Table.Find(SeedLayout.Cache)!);
        await using BlockCache cache = await BlockCache.OpenDeviceAsync(
            device,
            new BlockCacheOptions { Compress = true },
            cancellationToken: cancellationToken);
        await using (LazyDisk disk = await LazyDisk.OpenAsync(
            address, options with { Cache = cache, CacheDirectory = null }, cancellationToken))
        {
            long done = 0;
            foreach ((long offset, long length) in ranges)
            {
                if (offset < 0 || length < 0 || length > disk.Length - offset)
                {
                    throw new ArgumentException(
                        $"The range of {length} bytes at {offset} does not lie within the "
                        + $"{disk.Length} bytes of {disk.Head.Name}.",
                        nameof(ranges));
                }

                await disk.PrefetchAsync(
                    offset, length, cancellationToken: cancellationToken);
                progress?.Report(done += length);
            }
        }

        return await cache.GetStatisticsAsync(cancellationToken);
    }
}
