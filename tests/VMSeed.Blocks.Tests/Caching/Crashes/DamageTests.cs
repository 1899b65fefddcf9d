using System.Diagnostics;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>What may have happened to a cache's folder while nobody looked.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Blocks = 150;

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string StorePath => _folder["store"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Metadata_that_was_overwritten_anywhere_costs_blocks_and_nothing_else(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 15; round++)
        {
            await FillAsync();
            byte[] bytes = await File.ReadAllBytesAsync(StorePath, Cancel);
            int units = StoreGeometry.OfFile(16 << 20, 32 << 10).DataUnit;
            Damage(random, bytes, units * StoreGeometry.UnitBytes);
            await File.WriteAllBytesAsync(StorePath, bytes, Cancel);
            RecordingLogger<BlockCache> log = new();
            await using BlockCache cache = await OpenAsync(log);
            Assert.InRange(log.Warnings.Length, 0, 1);
            await using FileBlockDevice device = FileBlockDevice.Open(
                StorePath, FileAccess.Read, FileMode.Open, FileShare.ReadWrite);
            await Invariants.HoldAsync(device);
            await cache.VerifyAsync(null, Cancel);
            await CacheBlocks.PutRangeAsync(cache, 0, Blocks);
            Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_of_blocks_that_rot_are_found_and_dropped(bool compress)
    {
        await FillAsync(compress);
        byte[] bytes = await File.ReadAllBytesAsync(StorePath, Cancel);
        int metadata = StoreGeometry.OfFile(16 << 20, 16 << 10).DataUnit * StoreGeometry.UnitBytes;
        for (int at = metadata + 50; at < bytes.Length; at += 30_000)
        {
            bytes[at] ^= 1;
        }

        await File.WriteAllBytesAsync(StorePath, bytes, Cancel);
        await using BlockCache cache = await OpenAsync(null, compress);
        BlockCacheVerification verification = await cache.VerifyAsync(null, Cancel);
        Assert.InRange(verification.Bad, 30, Blocks);
        Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
        int[] present = await CacheBlocks.PresentAsync(cache, 0, Blocks);
        Assert.Equal(Blocks - verification.Bad, present.Length);
        await CacheBlocks.PutRangeAsync(cache, 0, Blocks);
        Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(50_000)]
    [InlineData(90_000)]
    [InlineData(1_000_000)]
    [InlineData(5_000_000)]
    public async Task A_store_that_was_cut_opens(int length)
    {
        await FillAsync();
        File.OpenHandle(StorePath, FileMode.Open, FileAccess.ReadWrite).Dispose();
        await using (FileStream file = File.OpenWrite(StorePath))
        {
            file.SetLength(length);
        }

        await using BlockCache cache = await OpenAsync();
        await cache.VerifyAsync(null, Cancel);
        await CacheBlocks.PutRangeAsync(cache, 0, Blocks);
        Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
    }

    [Fact]
    public async Task Another_versions_store_is_begun_anew_with_one_warning()
    {
        await FillAsync();
        await using (FileStream file = File.OpenWrite(StorePath))
        {
            file.Position = 8;
            file.WriteByte(99);
        }

        RecordingLogger<BlockCache> log = new();
        await using BlockCache cache = await OpenAsync(log);
        Assert.Contains("version 2", Assert.Single(log.Warnings), StringComparison.Ordinal);
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 0, Blocks));
        await CacheBlocks.PutRangeAsync(cache, 0, 10);
        Assert.Equal(10, (await CacheBlocks.PresentAsync(cache, 0, 10)).Length);
    }

    [Fact]
    public async Task A_store_that_vanishes_is_made_again_at_the_next_opening()
    {
        await using BlockCache lost = await OpenAsync();
        await CacheBlocks.PutRangeAsync(lost, 0, 10);
        File.Delete(StorePath);
        await using BlockCache cache = await OpenAsync();
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 0, 10));
        await CacheBlocks.PutRangeAsync(cache, 0, 10);
        Assert.Equal(10, (await CacheBlocks.PresentAsync(cache, 0, 10)).Length);
        Assert.Equal(10, (await CacheBlocks.PresentAsync(lost, 0, 10)).Length);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_an_empty_cache_with_one_warning()
    {
        await File.WriteAllTextAsync(_folder["file"], "Not a folder.", Cancel);
        RecordingLogger<BlockCache> log = new();
        await using BlockCache cache =
            await BlockCache.OpenAsync(_folder["file"], null, log, Cancel);
        Assert.Single(log.Warnings);
        await CacheBlocks.PutRangeAsync(cache, 0, 10);
        Assert.Empty(await CacheBlocks.PresentAsync(cache, 0, 10));
        Assert.Equal(0, (await cache.GetStatisticsAsync(Cancel)).Blocks);
    }

    [Fact]
    public async Task A_read_only_file_system_is_read()
    {
        Need.Root();
        await FillAsync();
        await RunAsync("mount", "--bind", _folder.Root, _folder.Root);
        try
        {
            await RunAsync("mount", "-o", "remount,ro,bind", _folder.Root);
            RecordingLogger<BlockCache> log = new();
            await using BlockCache cache = await OpenAsync(log);
            Assert.Single(log.Warnings);
            Assert.Equal(Blocks, (await CacheBlocks.PresentAsync(cache, 0, Blocks)).Length);
            await CacheBlocks.PutRangeAsync(cache, 1000, 10);
            Assert.Empty(await CacheBlocks.PresentAsync(cache, 1000, 10));
        }
        finally
        {
            await RunAsync("umount", _folder.Root);
        }
    }

    [Fact]
    public async Task A_full_file_system_is_read_and_used_as_far_as_it_goes()
    {
        Need.Root();
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", _folder.Root);
        try
        {
            RecordingLogger<BlockCache> log = new();
            await using (BlockCache cache = await OpenAsync(log))
            {
                for (int first = 0; first < 400; first += 20)
                {
                    await CacheBlocks.PutRangeAsync(cache, first, 20);
                }

                Assert.Single(log.Warnings);
                Assert.NotEmpty(await CacheBlocks.PresentAsync(cache, 0, 400));
                Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
            }

            await using BlockCache again = await OpenAsync();
            Assert.NotEmpty(await CacheBlocks.PresentAsync(again, 0, 400));
            Assert.Equal(0, (await again.VerifyAsync(null, Cancel)).Bad);
        }
        finally
        {
            await RunAsync("umount", _folder.Root);
        }
    }

    [Fact]
    public async Task The_floor_of_free_space_stops_growth_and_the_cache_turns_over_within()
    {
        Need.Root();
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", _folder.Root);
        try
        {
            RecordingLogger<BlockCache> log = new();
            await using BlockCache cache = await BlockCache.OpenAsync(
                _folder.Root, new() { MaxBytes = 16 << 20, MinFreeBytes = 6 << 20 }, log, Cancel);
            for (int first = 0; first < 1000; first += 20)
            {
                await CacheBlocks.PutRangeAsync(cache, first, 20);
            }

            Assert.InRange(new DriveInfo(_folder.Root).AvailableFreeSpace, 4 << 20, 8 << 20);
            Assert.Empty(log.Warnings);
            Assert.NotEmpty(await CacheBlocks.PresentAsync(cache, 980, 20));
        }
        finally
        {
            await RunAsync("umount", _folder.Root);
        }
    }

    private static void Damage(Random random, byte[] bytes, int metadata)
    {
        int where = random.Next(3) == 0
            ? random.Next(StoreGeometry.UnitBytes * 2)
            : random.Next(metadata);
        int count = Math.Min(random.Next(1, 9000), metadata - where);
        switch (random.Next(4))
        {
            case 0:
                bytes[where] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                random.NextBytes(bytes.AsSpan(where, count));
                break;
            case 2:
                bytes.AsSpan(where, count).Clear();
                break;
            default: // A page of another time or place.
                bytes.AsSpan(random.Next(metadata - count), count).CopyTo(bytes.AsSpan(where));
                break;
        }
    }

    private static async Task RunAsync(string tool, params string[] arguments)
    {
        using Process process = Process.Start(Need.Tool(tool), arguments);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    private async Task FillAsync(bool compress = false)
    {
        File.Delete(StorePath);
        await using BlockCache cache = await OpenAsync(null, compress);
        await CacheBlocks.PutRangeAsync(cache, 0, Blocks);
    }

    private Task<BlockCache> OpenAsync(
        RecordingLogger<BlockCache>? log = null, bool compress = false) =>
        BlockCache.OpenAsync(
            _folder.Root,
            new() { MaxBytes = 16 << 20, MinFreeBytes = 0, Compress = compress },
            log,
            Cancel);
}
