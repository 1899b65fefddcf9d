using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Testing.Devices;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>A directory that doubles, and what may happen to it meanwhile.</summary>
public sealed class GrowthTests
{
    private const long Length = 64 << 20;

    // Three doublings from the one page, and blocks to spare.
    private const int Blocks = 500;

    private static readonly BlockCacheOptions s_options =
        new() { Compress = true, FirstPages = 1 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_block_is_found_before_and_after_and_at_the_next_opening()
    {
        PowerCutDevice device = new(Length);
        await using (BlockCache cache = await OpenAsync(device))
        {
            BlockPlace[] first = await CacheBlocks.PutRangeAsync(cache, 0, 90);
            Assert.Equal(0, await LevelAsync(device));
            await FillAsync(cache, 90);
            Assert.InRange(await LevelAsync(device), 3, 5);
            for (int block = 0; block < first.Length; block++)
            {
                // A place from before may be refused; what it gives is right.
                _ = await CacheBlocks.ReadsAsync(cache, first[block], block);
            }

            await AssertAllAsync(cache);
        }

        await Invariants.HoldAsync(device);
        await using BlockCache again = await OpenAsync(device);
        await AssertAllAsync(again);
    }

    [Fact]
    public async Task Blocks_are_found_while_it_grows()
    {
        PowerCutDevice device = new(Length);
        await using BlockCache cache = await OpenAsync(device);
        await CacheBlocks.PutRangeAsync(cache, 0, 90);
        int misses = 0;
        Task reading = Task.Run(
            async () =>
            {
                for (int round = 0; round < 20; round++)
                {
                    misses += 90 - (await CacheBlocks.PresentAsync(cache, 0, 90)).Length;
                }
            },
            Cancel);
        await FillAsync(cache, 90);
        await reading;
        await AssertAllAsync(cache);
        Assert.InRange(misses, 0, 20); // One that looked while its page was changed, at most.
    }

    [Fact]
    public async Task A_process_that_is_killed_at_any_step_of_it_loses_no_block()
    {
        PowerCutDevice device = new(Length);
        await using BlockCache cache = await OpenAsync(device);
        int growths = 0;
        for (int block = 0; block < Blocks; block++)
        {
            (int level, int changes) = (await LevelAsync(device), device.Changes);
            await CacheBlocks.PutAsync(cache, block);
            if (await LevelAsync(device) == level)
            {
                continue;
            }

            growths++;
            for (int cut = changes; cut <= device.Changes; cut++)
            {
                PowerCutDevice after = await device.CutAsync(new Random(cut), cut, survival: 1);
                await using BlockCache heir = await OpenAsync(after);
                await Invariants.HoldAsync(after);
                int[] present = await CacheBlocks.PresentAsync(heir, 0, block);
                Assert.Equal(block, present.Length);
            }
        }

        Assert.InRange(growths, 3, 5);
    }

    [Fact]
    public async Task Power_that_fails_at_any_step_of_it_leaves_a_cache_that_works()
    {
        PowerCutDevice device = new(Length);
        await using (BlockCache cache = await OpenAsync(device))
        {
            await FillAsync(cache, 0);
        }

        await foreach (PowerCut cut in device.CutsAsync(seed: 3, states: 24))
        {
            await using BlockCache heir = await OpenAsync(cut.Device);
            await Invariants.HoldAsync(cut.Device);
            await heir.VerifyAsync(null, Cancel);
            Assert.Equal(0, (await heir.VerifyAsync(null, Cancel)).Bad);
            await CacheBlocks.PutRangeAsync(heir, 1000, 120);
            Assert.Equal(120, (await CacheBlocks.PresentAsync(heir, 1000, 120)).Length);
            await Invariants.HoldAsync(cut.Device);
        }
    }

    private static Task<BlockCache> OpenAsync(BlockDevice device) =>
        BlockCache.OpenDeviceAsync(device, s_options, null, Cancel);

    private static async Task FillAsync(BlockCache cache, int first)
    {
        for (int block = first; block < Blocks; block += 10)
        {
            await CacheBlocks.PutRangeAsync(cache, block, 10);
        }
    }

    private static async Task AssertAllAsync(BlockCache cache) =>
        Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);

    private static async Task<int> LevelAsync(BlockDevice device)
    {
        byte[] unit = new byte[StoreGeometry.UnitBytes];
        await device.ReadAsync(0, unit, Cancel);
        return Superblock.TryParse(unit)!.Geometry.Level;
    }
}
