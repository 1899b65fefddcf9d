using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Caching;

/// <summary>A virtual disk below a cache grows by the unit of its format; how many of them are
/// touched.</summary>
public sealed class AllocationUnitTests : IDisposable
{
    private const long Length = 16L << 30;
    private const int UnitBytes = 2 << 20; // A VHD's, the largest.
    private const int Batch = 250;

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64 << 10, 24 << 10, 3000)]
    [InlineData(4 << 10, 4 << 10, 30_000)] // The directory doubles.
    public async Task They_are_hardly_more_than_the_blocks_fill(int length, int noise, int blocks)
    {
        await using TouchedUnits device = new(
            FileBlockDevice.Create(_folder["disk"], Length), UnitBytes);
        await using BlockCache cache = await BlockCache.OpenDeviceAsync(
            device, new BlockCacheOptions { Compress = true }, null, Cancel);
        Random random = new(1);
        for (int done = 0; done < blocks; done += Batch)
        {
            CacheEntry[] entries = new CacheEntry[Batch];
            for (int i = 0; i < Batch; i++)
            {
                byte[] plain = new byte[length];
                int part = Math.Min(length, random.Next(noise / 2, noise * 3 / 2));
                random.NextBytes(plain.AsSpan(0, part));
                entries[i] = new CacheEntry(Digest.Of(plain), plain);
            }

            await cache.PutAsync(entries, default, Cancel);
            if (done / Batch % 4 != 0)
            {
                continue;
            }

            BlockCacheStatistics statistics = await cache.GetStatisticsAsync(Cancel);
            Assert.Equal(done + Batch, statistics.Blocks);
            Assert.InRange(
                device.Count, 1, (statistics.StoredBytes / UnitBytes * 1.1) + 4);
        }
    }
}
