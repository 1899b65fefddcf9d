using VMSeed.Blocks.Diagnostics;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>What reads cost on the wire: each byte once, neighbours together.</summary>
public sealed class LazyDiskRequestTests
{
    private const int Readers = 32;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_of_one_block_share_one_request()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        image.Server.Always("objects/*", Fault.Delay(TimeSpan.FromMilliseconds(100)));
        await Task.WhenAll(Enumerable.Range(0, Readers)
            .Select(i => Task.Run(() => image.CheckAsync(disk, i * 2000, 2000), Token)));
        Assert.Single(image.Server.Requests);
    }

    [Fact]
    public async Task Readers_of_one_block_share_each_index_page_too()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        await Task.WhenAll(Enumerable.Range(0, Readers)
            .Select(i => Task.Run(() => image.CheckAsync(disk, i * 2000, 2000), Token)));
        Assert.Equal(2, image.Server.Requests.Count);
    }

    [Fact]
    public async Task Readers_without_a_pause_between_them_never_ask_twice()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Readers * 64),
            Token,
            async (i, _) => await image.CheckAsync(disk, i / 32 * ServedImage.BlockSize, 1000));
        Assert.Equal(64, image.Server.Requests.Count);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(0, 64 * 1024, 1)]
    [InlineData(30_000, 64 * 1024, 1)]
    [InlineData(0, 1024 * 1024, 1)]
    [InlineData(1024 * 1024, 1024 * 1024, 1)]
    [InlineData(100, 1024 * 1024, 2)]
    [InlineData(0, 4 * 1024 * 1024, 4)]
    public async Task Neighbours_are_asked_for_together(int offset, int length, int requests)
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        Assert.Single(image.Server.Requests);
        image.Server.Forget();
        await image.CheckAsync(disk, offset, length);
        Assert.Equal(requests, image.Server.Requests.Count);
        Assert.Equal(
            BlocksOf(offset, length) * ServedImage.BlockSize,
            image.Server.Requests.Sum(request => request.Length));
        image.Server.Forget();
        await image.CheckAsync(disk, offset, length);
        Assert.Empty(image.Server.Requests);
        Assert.Equal(requests + 0L, disk.Statistics.Requests);
    }

    [Fact]
    public async Task What_the_cache_has_is_not_asked_for_by_the_next_disk()
    {
        using var cache = new VMSeed.Testing.TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        for (int round = 0; round < 3; round++)
        {
            await using LazyDisk disk = await image.OpenAsync(
                options => options with { CacheDirectory = cache.Root, MemoryCacheSize = 0 });
            image.Server.Forget();
            await image.CheckAsync(disk, 0, image.Content.Length);
            await image.CheckAsync(disk, 0, image.Content.Length);
            Assert.Equal(round == 0, image.Server.Requests.Count > 0);
        }
    }

    [Fact]
    public async Task A_cache_on_bad_ground_is_found_out_and_healed()
    {
        using var cache = new VMSeed.Testing.TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await ReadAllAsync(image, cache.Root);
        foreach (string file in Directory.GetFiles(
            cache.Root, "*", SearchOption.AllDirectories))
        {
            Spoil(file, image);
        }

        DiskStatistics first = await ReadAllAsync(image, cache.Root);
        Assert.True(first.Heals > 0, "Nothing was found out.");
        DiskStatistics second = await ReadAllAsync(image, cache.Root);
        Assert.Equal(0, second.Heals);
        Assert.Equal(0, second.Requests);
    }

    [Fact]
    public async Task A_reader_that_gives_up_takes_nobody_with_it()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(
            options => options with { NoProgressTimeout = TimeSpan.FromSeconds(5) });
        image.Server.Forget();
        TaskCompletionSource release = new();
        image.Server.Always("objects/*", Fault.HoldUntil(release.Task));
        using var cancel = new CancellationTokenSource();
        ValueTask quitter = disk.ReadAsync(0, new byte[4096], cancel.Token);
        Task stayer = image.CheckAsync(disk, 8192, 4096);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => quitter.AsTask());
        Assert.False(stayer.IsCompleted, "Nothing has been answered yet.");
        release.SetResult();
        await stayer;
        Assert.Single(image.Server.Requests);
    }

    [Fact]
    public async Task A_window_whose_second_page_fails_leaves_nobody_waiting_for_the_first()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync();
        await image.CheckAsync(disk, 0, 10);
        foreach (string page in image.Objects("VMSE"))
        {
            image.Server.Always(page, Fault.Status(404));
        }

        // The 8 blocks before the second page are good, and the window goes on into that page.
        int near = 8 * ServedImage.BlockSize;
        await image.FailAsync(disk, near, 16 * ServedImage.BlockSize);
        await image.CheckAsync(disk, near, 4096).WaitAsync(TimeSpan.FromSeconds(5), Token);
        int nearer = near / 2;
        await Assert.ThrowsAsync<BlockIOException>(() => disk.PrefetchAsync(
            nearer, 16 * ServedImage.BlockSize, cancellationToken: Token));
        await image.CheckAsync(disk, nearer, 4096).WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task A_page_that_nobody_waited_for_does_not_hand_its_old_failure_on()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync(
            options => options with { ReadDeadline = TimeSpan.FromSeconds(1) });
        image.Server.Always("objects/*", Fault.StallBeforeHead);
        using var cancel = new CancellationTokenSource();
        ValueTask quitter = disk.ReadAsync(0, new byte[10], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => quitter.AsTask());
        image.Server.Always("objects/*", Fault.None);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Token);
        await image.CheckAsync(disk, 0, 10);
    }

    private static int BlocksOf(int offset, int length) =>
        ((offset + length - 1) / ServedImage.BlockSize) - (offset / ServedImage.BlockSize) + 1;

    private static async Task<DiskStatistics> ReadAllAsync(ServedImage image, string cache)
    {
        await using LazyDisk disk = await image.OpenAsync(
            options => options with { CacheDirectory = cache });
        await image.CheckAsync(disk, 0, image.Content.Length);
        return disk.Statistics;
    }

    // Every place at which a block of the disk lies in the file gets one other bit.
    private static void Spoil(string file, ServedImage image)
    {
        using FileStream stream = File.Open(file, FileMode.Open);
        byte[] bytes = new byte[Math.Min(stream.Length, 64 << 20)];
        stream.ReadExactly(bytes);
        for (int block = 0; block < image.Content.Length; block += ServedImage.BlockSize)
        {
            int at = bytes.AsSpan().IndexOf(image.Content.AsSpan(block, 512));
            if (at >= 0)
            {
                stream.Position = at + 1000;
                stream.WriteByte((byte)(image.Content[block + 1000] ^ 1));
            }
        }
    }
}
