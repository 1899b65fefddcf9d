using VMSeed.Blocks.Caching;
using VMSeed.CacheStress;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Caching;

public sealed class BlockCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_put_is_read_and_survives_a_reopening(bool compress)
    {
        await using (BlockCache cache = await OpenAsync(64, compress))
        {
            await CacheBlocks.PutRangeAsync(cache, 0, 100);
            Assert.Equal(100, (await CacheBlocks.PresentAsync(cache, 0, 100)).Length);
        }

        await using BlockCache again = await OpenAsync(64, compress);
        Assert.Equal(100, (await CacheBlocks.PresentAsync(again, 0, 100)).Length);
        BlockCacheVerification verification = await again.VerifyAsync(null, Cancel);
        Assert.Equal((100, 0), (verification.Checked, verification.Bad));
    }

    [Fact]
    public async Task Compressed_blocks_occupy_less()
    {
        await using BlockCache cache = await OpenAsync(64, compress: true);
        await CacheBlocks.PutRangeAsync(cache, 0, 90);
        BlockCacheStatistics statistics = await cache.GetStatisticsAsync(Cancel);
        Assert.InRange(statistics.UsedBytes, 1, statistics.PlainBytes * 4 / 5);
    }

    [Fact]
    public async Task A_place_from_a_put_is_right_until_the_block_is_evicted()
    {
        await using BlockCache cache = await OpenAsync(16);
        BlockPlace[] places = await CacheBlocks.PutRangeAsync(cache, 0, 50);
        Assert.All(places, place => Assert.True(place.Exists));
        BlockPlace[] again = await CacheBlocks.PutRangeAsync(cache, 0, 50);
        Assert.All(again, place => Assert.False(place.Exists));
        await CacheBlocks.PutRangeAsync(cache, 100, 600);
        Assert.False(await CacheBlocks.ReadsAsync(cache, places[0], 0));
        Assert.False((await CacheBlocks.FindAsync(cache, 0)).Exists);
        Assert.True((await cache.GetStatisticsAsync(Cancel)).Evictions > 0);
    }

    [Fact]
    public async Task An_entry_of_another_length_is_not_found()
    {
        await using BlockCache cache = await OpenAsync(16);
        await CacheBlocks.PutAsync(cache, 1);
        Assert.False((await cache.FindAsync(CacheBlocks.All.DigestOf(1), 100, Cancel)).Exists);
    }

    [Fact]
    public async Task A_part_that_does_not_lie_within_the_block_is_refused()
    {
        await using BlockCache cache = await OpenAsync(16);
        BlockPlace place = (await CacheBlocks.PutAsync(cache, 5))[0];
        byte[] bytes = new byte[2];
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await cache.ReadAsync(place, Universe.LengthOf(5) - 1, bytes, Cancel));
    }

    [Fact]
    public async Task A_dropped_block_is_gone_and_can_be_put_again()
    {
        await using BlockCache cache = await OpenAsync(16);
        BlockPlace place = (await CacheBlocks.PutAsync(cache, 5))[0];
        await cache.DropAsync(place);
        Assert.False(await CacheBlocks.HasAsync(cache, 5));
        Assert.False(await CacheBlocks.ReadsAsync(cache, place, 5));
        await CacheBlocks.PutAsync(cache, 5);
        Assert.True(await CacheBlocks.HasAsync(cache, 5));
    }

    [Fact]
    public async Task Pruning_keeps_to_the_target_and_gives_the_storage_back()
    {
        await using BlockCache cache = await OpenAsync(64);
        await CacheBlocks.PutRangeAsync(cache, 0, 900);
        long before = await DiskUsage.OfAsync(_folder.Root);
        long freed = await cache.PruneAsync(10 << 20, Cancel);
        Assert.InRange((await cache.GetStatisticsAsync(Cancel)).UsedBytes, 1, 10 << 20);
        Assert.InRange(await DiskUsage.OfAsync(_folder.Root), 1, before - (freed * 9 / 10));
        await cache.ClearAsync(Cancel);
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 0, 900));
        await CacheBlocks.PutRangeAsync(cache, 0, 100);
        Assert.Equal(100, (await CacheBlocks.PresentAsync(cache, 0, 100)).Length);
    }

    [Theory]
    [InlineData(64, 128)]
    [InlineData(64, 32)]
    [InlineData(24, 1024)]
    public async Task Another_cap_keeps_the_blocks_that_fit(int first, int second)
    {
        await using (BlockCache cache = await OpenAsync(first))
        {
            await CacheBlocks.PutRangeAsync(cache, 0, 300);
        }

        await using BlockCache again = await OpenAsync(second);
        Assert.InRange((await CacheBlocks.PresentAsync(again, 0, 300)).Length, 250, 300);
        await CacheBlocks.PutRangeAsync(again, 1000, 2000);
        await CacheBlocks.PresentAsync(again, 0, 3000);
        Assert.InRange(await DiskUsage.OfAsync(_folder.Root), 1, (long)second << 20);
    }

    [Fact]
    public async Task The_cap_holds_at_every_moment()
    {
        await using BlockCache cache = await OpenAsync(16);
        Task puts = Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (int round = 0; round < 20; round++)
            {
                await CacheBlocks.PutRangeAsync(cache, (i * 1000) + (round * 40), 40);
            }
        })));
        do
        {
            Assert.InRange(await DiskUsage.OfAsync(_folder.Root), 0, 16 << 20);
        }
        while (!puts.IsCompleted);
        await puts;
    }

    [Fact]
    public async Task A_hot_read_and_a_look_up_allocate_nothing()
    {
        await using BlockCache cache = await OpenAsync(16);
        BlockPlace place = (await CacheBlocks.PutAsync(cache, 0))[0];
        byte[] part = new byte[4096];
        Assert.Equal(
            0, Allocations.Measure(() => Discard(cache.ReadAsync(place, 8192, part, default))));
        Assert.Equal(0, Allocations.Measure(() => Discard(CacheBlocks.FindAsync(cache, 0))));
    }

    [Fact]
    public async Task All_faults_of_the_options_are_named_at_once()
    {
        BlockCacheOptions options = new() { MaxBytes = 1, MinFreeBytes = -1 };
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() =>
            BlockCache.OpenAsync(_folder.Root, options, null, Cancel));
        Assert.Contains("MaxBytes is 1;", fault.Message, StringComparison.Ordinal);
        Assert.Contains("MinFreeBytes is -1;", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_asked_for_in_one_session_outlives_a_scan_in_the_next()
    {
        for (int session = 0; session < 2; session++)
        {
            await using BlockCache cache = await OpenAsync(16);
            await CacheBlocks.PutRangeAsync(cache, 0, 40);
            Assert.Equal(40, (await CacheBlocks.PresentAsync(cache, 0, 40)).Length);
        }

        await using BlockCache last = await OpenAsync(16);
        await CacheBlocks.PutRangeAsync(last, 1000, 2000);
        Assert.Equal(40, (await CacheBlocks.PresentAsync(last, 0, 40)).Length);
    }

    [Fact]
    public async Task A_cache_keeps_its_size_until_it_is_told_another()
    {
        long small;
        await using (BlockCache cache = await OpenAsync(mebibytes: 32))
        {
            small = (await cache.GetStatisticsAsync(Cancel)).MaxBytes;
        }

        BlockCacheOptions any = new() { MinFreeBytes = 0 };
        await using (BlockCache cache = await BlockCache.OpenAsync(_folder.Root, any, null, Cancel))
        {
            Assert.Equal(small, (await cache.GetStatisticsAsync(Cancel)).MaxBytes);
        }

        await using BlockCache larger = await OpenAsync(mebibytes: 64);
        Assert.True((await larger.GetStatisticsAsync(Cancel)).MaxBytes > small);
    }

    private static ValueTask Discard<T>(ValueTask<T> task)
    {
        _ = task.GetAwaiter().GetResult();
        return default;
    }

    private Task<BlockCache> OpenAsync(int mebibytes, bool compress = false) =>
        BlockCache.OpenAsync(
            _folder.Root,
            new() { MaxBytes = (long)mebibytes << 20, MinFreeBytes = 0, Compress = compress },
            null,
            Cancel);
}
