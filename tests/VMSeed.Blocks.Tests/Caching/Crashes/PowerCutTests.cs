using VMSeed.Blocks.Caching;
using VMSeed.CacheStress;
using VMSeed.Testing;
using VMSeed.Testing.Devices;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>Power fails at any write; any sectors of what was not flushed are lost.</summary>
public sealed class PowerCutTests
{
    private const long Length = 20 << 20;


    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1.0, 256)]
    [InlineData(2, 0.9, 256)]
    [InlineData(3, 0.5, 256)]
    [InlineData(4, 0.1, 256)]
    [InlineData(5, 1.0, 1)]
    [InlineData(6, 0.9, 1)]
    [InlineData(7, 0.5, 1)]
    [InlineData(8, 0.1, 1)]
    public async Task An_opening_after_it_succeeds_and_serves_right_bytes(
        int seed, double survival, int firstPages)
    {
        BlockCacheOptions options = new() { FirstPages = firstPages };
        PowerCutDevice device = new(Length);
        Random random = new(seed);
        await using (BlockCache cache = await
            BlockCache.OpenDeviceAsync(device, options, null, Cancel))
        {
            await WorkAsync(cache, seed, 300);
        }

        for (int round = 0; round < 8; round++)
        {
            PowerCutDevice after = await device.CutAsync(
                random, random.Next(device.Changes + 1), survival);
            await using BlockCache cache =
                await BlockCache.OpenDeviceAsync(after, options, null, Cancel);
            await Invariants.HoldAsync(after);
            await WorkAsync(cache, seed + round, 60);
            await Invariants.HoldAsync(after);
            await cache.VerifyAsync(null, Cancel);
            Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
        }
    }

    [Fact]
    public async Task A_disk_that_refuses_writes_is_said_once_and_read_on_and_tried_again()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new();
        RecordingLogger<BlockCache> log = new();
        PowerCutDevice device = new(Length);
        BlockCacheOptions options = new() { Time = time };
        await using BlockCache cache = await
            BlockCache.OpenDeviceAsync(device, options, log, Cancel);
        await CacheBlocks.PutRangeAsync(cache, 0, 20);
        device.Failure = new IOException("No space left on device.");
        for (int i = 0; i < 5; i++)
        {
            await CacheBlocks.PutRangeAsync(cache, 100, 20);
        }

        Assert.Contains("No space left", Assert.Single(log.Warnings), StringComparison.Ordinal);
        Assert.Equal(20, (await CacheBlocks.PresentAsync(cache, 0, 20)).Length);
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 100, 20));
        device.Failure = null;
        await CacheBlocks.PutRangeAsync(cache, 100, 20);
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 100, 20));
        time.Advance(TimeSpan.FromMinutes(1));
        await CacheBlocks.PutRangeAsync(cache, 100, 20);
        Assert.Equal(20, (await CacheBlocks.PresentAsync(cache, 100, 20)).Length);
        await Invariants.HoldAsync(device);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Writes_that_fail_now_and_then_never_lead_to_wrong_bytes(int seed)
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new();
        PowerCutDevice device = new(Length);
        Random random = new(seed);
        await using BlockCache cache = await BlockCache.OpenDeviceAsync(
            device, new BlockCacheOptions { Time = time }, null, Cancel);
        Worker worker = new(cache, CacheBlocks.All, seed);
        for (int step = 0; step < 400; step++)
        {
            device.Failure = random.Next(10) == 0 ? new IOException("Now and then.") : null;
            await worker.StepAsync();
            time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(0, worker.Wrong);
        device.Failure = null;
        await Invariants.HoldAsync(device);
    }

    private static async Task WorkAsync(BlockCache cache, int seed, int steps)
    {
        Worker worker = new(cache, new Universe(1000), seed);
        for (int i = 0; i < steps; i++)
        {
            await worker.StepAsync();
        }

        Assert.Equal(0, worker.Wrong);
    }
}
