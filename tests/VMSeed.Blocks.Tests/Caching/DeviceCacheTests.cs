using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Tests.Devices;
using VMSeed.CacheStress;
using VMSeed.Testing;
using VMSeed.Testing.Devices;

namespace VMSeed.Blocks.Tests.Caching;

/// <summary>A cache on a device of its own.</summary>
public sealed class DeviceCacheTests : IDisposable
{
    private const long Length = 32 << 20;
    private const int Blocks = 150;

    private static readonly BlockCacheOptions s_options = new() { Compress = true };

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Blocks_are_there_at_the_next_opening_and_the_device_stays_the_callers()
    {
        await using FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], Length);
        await FillAsync(device);
        await using BlockCache cache = await OpenAsync(device);
        Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
        BlockCacheStatistics statistics = await cache.GetStatisticsAsync(Cancel);
        Assert.Equal(Length, statistics.MaxBytes);
        Assert.Equal(Blocks, statistics.Blocks);
        Assert.InRange(statistics.StoredBytes, 1, statistics.PlainBytes - 1);
        Assert.True(statistics.UsedBytes > statistics.StoredBytes);
        Assert.True(await cache.ContainsAsync(
            CacheBlocks.All.DigestOf(3), Universe.LengthOf(3), Cancel));
        Assert.False(await cache.ContainsAsync(
            CacheBlocks.All.DigestOf(Blocks), Universe.LengthOf(Blocks), Cancel));
        Assert.Equal(Length, device.Length);
    }

    [Fact]
    public async Task A_device_that_is_only_read_is_not_changed()
    {
        await using (FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], Length))
        {
            await FillAsync(device);
        }

        byte[] before = await File.ReadAllBytesAsync(_folder["disk"], Cancel);
        await using FileBlockDevice read = FileBlockDevice.Open(_folder["disk"]);
        await using (BlockCache cache = await OpenAsync(read))
        {
            Assert.Equal(Blocks, (await cache.GetStatisticsAsync(Cancel)).Blocks);
            Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
            await CacheBlocks.PutRangeAsync(cache, 1000, 10);
            Assert.Empty(await CacheBlocks.PresentAsync(cache, 1000, 10));
            await cache.FlushAsync(Cancel);
            await Assert.ThrowsAsync<IOException>(() => cache.ClearAsync(Cancel));
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(_folder["disk"], Cancel));
    }

    [Fact]
    public async Task A_device_that_is_only_read_and_holds_no_cache_is_an_empty_one()
    {
        await FileBlockDevice.Create(_folder["disk"], Length).DisposeAsync();
        await using FileBlockDevice read = FileBlockDevice.Open(_folder["disk"]);
        RecordingLogger<BlockCache> log = new();
        await using BlockCache cache = await
            BlockCache.OpenDeviceAsync(read, s_options, log, Cancel);
        Assert.Single(log.Warnings);
        Assert.Equal(0, (await cache.GetStatisticsAsync(Cancel)).Blocks);
    }

    [Fact]
    public async Task Closing_makes_blocks_safe_against_a_loss_of_power()
    {
        PowerCutDevice device = new(Length);
        await FillAsync(device);
        PowerCutDevice after = await device.CutAsync(new Random(1), device.Changes, survival: 0);
        await using BlockCache cache = await OpenAsync(after);
        Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
    }

    [Theory]
    [InlineData(2 * Length)]
    [InlineData(Length - (8 << 20))]
    public async Task A_device_of_another_length_keeps_what_fits(long length)
    {
        await using (FileBlockDevice device = FileBlockDevice.Create(_folder["disk"], Length))
        {
            await FillAsync(device);
        }

        await using FileBlockDevice other =
            FileBlockDevice.Open(_folder["disk"], FileAccess.ReadWrite);
        await other.SetLengthAsync(length, Cancel);
        RecordingLogger<BlockCache> log = new();
        await using BlockCache cache = await
            BlockCache.OpenDeviceAsync(other, s_options, log, Cancel);
        Assert.Empty(log.Warnings);
        Assert.InRange(
            (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length, Blocks * 3 / 4, Blocks);
        Assert.Equal(length, (await cache.GetStatisticsAsync(Cancel)).MaxBytes);
        Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
        await CacheBlocks.PutRangeAsync(cache, 1000, 20);
        Assert.Equal(20, (await CacheBlocks.PresentAsync(cache, 1000, 20)).Length);
    }

    [Fact]
    public async Task A_device_that_is_too_short_is_refused()
    {
        ArgumentException fault = await Assert.ThrowsAsync<ArgumentException>(() =>
            BlockCache.OpenDeviceAsync(new MemoryBlockDevice(1 << 20), s_options, null, Cancel));
        Assert.Contains("1048576 bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_of_the_kernel_turns_over_and_gives_its_storage_back()
    {
        const long length = 16 << 20;
        string file = _folder["store"];
        await FileBlockDevice.Create(file, length).DisposeAsync();
        using LoopDisk loop = new(file);
        await using (FileBlockDevice disk =
            FileBlockDevice.Open(loop.Path, FileAccess.ReadWrite))
        {
            await FillAsync(disk);
            await using BlockCache cache = await OpenAsync(disk);
            Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
            for (int first = 1000; first < 1800; first += 40)
            {
                await CacheBlocks.PutRangeAsync(cache, first, 40);
            }

            Assert.Equal(40, (await CacheBlocks.PresentAsync(cache, 1760, 40)).Length);
            Assert.NotEqual(0, (await cache.GetStatisticsAsync(Cancel)).Evictions);
            Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
            await cache.FlushAsync(Cancel);
            Assert.InRange(await DiskUsage.OfAsync(_folder.Root), length / 2, length + (1 << 20));
            await cache.ClearAsync(Cancel);
        }

        Assert.InRange(await DiskUsage.OfAsync(_folder.Root), 1, 4 << 20);
    }

    private static Task<BlockCache> OpenAsync(BlockDevice device) =>
        BlockCache.OpenDeviceAsync(device, s_options, null, Cancel);

    private static async Task FillAsync(BlockDevice device)
    {
        await using BlockCache cache = await OpenAsync(device);
        await CacheBlocks.PutRangeAsync(cache, 0, Blocks);
    }
}
