using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>What a file on a web server costs to read, in requests, and where its bytes
/// stay.</summary>
public sealed class HttpRangeDeviceTests
{
    private const int Block = ServedFile.BlockSize;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Opening_costs_one_request_and_the_header_none()
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        Assert.Equal((file.Content.Length, "\"v1\""), (device.Length, device.ETag));
        for (int offset = 0; offset < Block; offset += 512)
        {
            await file.CheckAsync(device, offset, 512);
        }

        ServedRequest request = Assert.Single(file.Server.Requests);
        Assert.Equal((0, Block - 1), (request.From, request.To));
        Assert.Equal((1, Block), (device.Statistics.Requests, device.Statistics.RequestedBytes));
    }

    [Fact]
    public async Task Neighbours_that_are_missing_are_one_request()
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        file.Server.Forget();
        await file.CheckAsync(device, (2 * Block) + 5, 8 * Block);
        ServedRequest request = Assert.Single(file.Server.Requests);
        Assert.Equal((2 * Block, (11 * Block) - 1), (request.From, request.To));
        Assert.Equal("\"v1\"", request.Headers["If-Match"]);
        Assert.False(request.Headers.ContainsKey("If-Range"));
        Assert.Equal("identity", request.Headers["Accept-Encoding"]);
    }

    [Fact]
    public async Task Many_readers_of_one_block_are_one_request()
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        file.Server.Forget();
        var release = new TaskCompletionSource();
        file.Server.Always("*", Fault.HoldUntil(release.Task));
        Task[] readers =
        [
            .. Enumerable.Range(0, 32).Select(i => file.CheckAsync(device, (5 * Block) + i, 4096)),
        ];
        release.SetResult();
        await Task.WhenAll(readers);
        Assert.Single(file.Server.Requests);
    }

    [Fact]
    public async Task A_sequential_reader_is_read_ahead_of()
    {
        await using var file = new ServedFile(8 * 1024 * 1024);
        await using HttpRangeDevice device =
            await file.OpenAsync(options => options with { ReadAhead = true });
        for (int offset = 0; offset < file.Content.Length; offset += Block)
        {
            await file.CheckAsync(device, offset, Block);
        }

        Assert.InRange(file.Server.Requests.Count, 3, 40);
        Assert.True(device.Statistics.PrefetchedBlocks > 64);
    }

    [Fact]
    public async Task What_was_touched_is_read_without_a_request_after_reopening()
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile();
        HttpRangeOptions Adapt(HttpRangeOptions options) =>
            options with { CacheDirectory = cache.Root };
        await using (HttpRangeDevice first = await file.OpenAsync(Adapt))
        {
            await file.CheckAsync(first, 0, 1024 * 1024);
            await file.CheckAsync(first, file.Content.Length - 10, 10);
        }

        await using HttpRangeDevice again = await file.OpenAsync(Adapt);
        Assert.Equal(1, again.Statistics.Requests);
        file.Server.Forget();
        await file.CheckAsync(again, 0, 1024 * 1024);
        await file.CheckAsync(again, file.Content.Length - 10, 10);
        Assert.Empty(file.Server.Requests);
    }

    [Fact]
    public async Task Two_devices_share_the_cache_and_another_version_finds_nothing_in_it()
    {
        using var folder = new TempFolder();
        await using BlockCache cache =
            await BlockCache.OpenAsync(folder.Root, null, null, Stop);
        await using var file = new ServedFile();
        HttpRangeOptions Adapt(HttpRangeOptions options) => options with { Cache = cache };
        await using HttpRangeDevice first = await file.OpenAsync(Adapt);
        await using HttpRangeDevice second = await file.OpenAsync(Adapt);
        await file.CheckAsync(first, 10 * Block, Block);
        await WaitForPutsAsync(cache, 2);
        file.Server.Forget();
        await file.CheckAsync(second, 10 * Block, Block);
        Assert.Empty(file.Server.Requests);

        file.Replace(file.Content.Length, 2);
        file.Server.Fields = ["ETag: \"v2\""];
        await using HttpRangeDevice third = await file.OpenAsync(Adapt);
        file.Server.Forget();
        await file.CheckAsync(third, 0, file.Content.Length);
        Assert.Equal(
            file.Content.Length - Block, file.Server.Requests.Sum(request => request.Length));
    }

    [Fact]
    public async Task Blocks_that_rot_in_the_cache_are_found_dropped_and_fetched_again()
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile();
        HttpRangeOptions Adapt(HttpRangeOptions options) =>
            options with { CacheDirectory = cache.Root };
        await using (HttpRangeDevice first = await file.OpenAsync(Adapt))
        {
            await file.CheckAsync(first, 0, 1024 * 1024);
        }

        Rot(cache, file.Content.AsSpan(3 * Block, 4096));
        await using HttpRangeDevice again = await file.OpenAsync(Adapt);
        file.Server.Forget();
        await file.CheckAsync(again, 0, 1024 * 1024);
        ServedRequest request = Assert.Single(file.Server.Requests);
        Assert.Equal((3 * Block, Block), (request.From, request.Length));
        Assert.Equal(1, again.Statistics.Heals);
    }

    [Fact]
    public async Task A_verification_of_the_cache_knows_good_blocks_from_rotten_ones()
    {
        using var folder = new TempFolder();
        await using var file = new ServedFile();
        await using (HttpRangeDevice device = await file.OpenAsync(
            options => options with { CacheDirectory = folder.Root }))
        {
            await file.CheckAsync(device, 0, 1024 * 1024);
        }

        Rot(folder, file.Content.AsSpan(3 * Block, 4096));
        await using BlockCache cache =
            await BlockCache.OpenAsync(folder.Root, null, null, Stop);
        BlockCacheVerification result = await cache.VerifyAsync(null, Stop);
        Assert.Equal((16, 1), (result.Checked, result.Bad));
    }

    [Fact]
    public async Task The_map_tells_what_is_local()
    {
        await using var file = new ServedFile(1024 * 1024);
        await using HttpRangeDevice device = await file.OpenAsync();
        await file.CheckAsync(device, 4 * Block, 2 * Block);
        List<Extent> extents = await device
            .ExtentsAsync(0, device.Length, Stop).ToListAsync(Stop);
        Assert.Equal(
            [
                new Extent(0, Block, ExtentKind.Data),
                new Extent(Block, 3 * Block, ExtentKind.Absent),
                new Extent(4 * Block, 2 * Block, ExtentKind.Data),
                new Extent(6 * Block, 10 * Block, ExtentKind.Absent),
            ],
            extents);
    }

    [Fact]
    public async Task A_prefetched_range_is_local()
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        await device.PrefetchAsync(0, device.Length, null, Stop);
        file.Server.Forget();
        await file.CheckAsync(device, 0, file.Content.Length);
        Assert.Empty(file.Server.Requests);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block - 1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    public async Task Files_of_any_length_are_read_to_their_end(int length)
    {
        await using var file = new ServedFile(length);
        await using HttpRangeDevice device = await file.OpenAsync();
        Assert.Equal(length, device.Length);
        await file.CheckAsync(device, 0, length);
        Assert.Equal(length > Block ? 2 : 1, file.Server.Requests.Count);
    }

    // Flips a byte of the cache's file where these bytes lie.
    private static void Rot(TempFolder cache, ReadOnlySpan<byte> bytes)
    {
        foreach (string path in Directory.GetFiles(cache.Root, "*", SearchOption.AllDirectories))
        {
            using FileStream store = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
            byte[] unit = new byte[bytes.Length];
            while (store.ReadAtLeast(unit, unit.Length, throwOnEndOfStream: false) == unit.Length)
            {
                if (unit.AsSpan().SequenceEqual(bytes))
                {
                    store.Position -= unit.Length;
                    store.WriteByte((byte)~bytes[0]);
                    return;
                }
            }
        }

        Assert.Fail("The cache does not hold the bytes.");
    }

    // A block is kept after its readers have it.
    private static async Task WaitForPutsAsync(BlockCache cache, long count)
    {
        while ((await cache.GetStatisticsAsync(Stop)).Puts < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stop);
        }
    }
}
