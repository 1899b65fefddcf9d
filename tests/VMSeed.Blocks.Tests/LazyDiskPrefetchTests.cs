using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Guesses help readers, and never stand in their way.</summary>
public sealed class LazyDiskPrefetchTests
{
    private const int MiB = 1024 * 1024;

    /// <summary>Prefetches of which each disk has requests under way at once.</summary>
    private const int PrefetchesInFlight = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4096)]
    [InlineData(ServedImage.BlockSize)]
    public async Task A_sequential_reader_asks_for_each_byte_once_in_large_pieces(int step)
    {
        await using ServedImage image = await ServedImage.CreateAsync(16 * MiB);
        await using LazyDisk disk = await image.OpenAsync(o => o with { ReadAhead = true });
        image.Server.Forget();
        for (int at = 0; at < image.Content.Length; at += step)
        {
            await image.CheckAsync(disk, at, step);
        }

        Assert.Equal(image.Content.Length, image.Server.Requests.Sum(request => request.Length));
        Assert.InRange(image.Server.Requests.Count, 16, 16 + 16);
        Assert.True(disk.Statistics.PrefetchedBlocks > 200);
    }

    [Fact]
    public async Task Without_read_ahead_nothing_is_guessed()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        for (int block = 0; block < 20; block++)
        {
            await image.CheckAsync(disk, block * ServedImage.BlockSize, 4096);
        }

        Assert.Equal(20, image.Server.Requests.Count);
        Assert.Equal(0, disk.Statistics.PrefetchedBlocks);
    }

    [Fact]
    public async Task A_random_reader_is_not_guessed_at()
    {
        await using ServedImage image = await ServedImage.CreateAsync(16 * MiB);
        await using LazyDisk disk = await image.OpenAsync(o => o with { ReadAhead = true });
        image.Server.Forget();
        for (int i = 0; i < 60; i++)
        {
            await image.CheckAsync(disk, i * 97 % 251 * ServedImage.BlockSize, 4096);
        }

        Assert.Equal(60, image.Server.Requests.Count);
    }

    [Fact]
    public async Task A_prefetch_brings_a_range_once_and_tells_how_far_it_is()
    {
        await using ServedImage image = await ServedImage.CreateAsync(6 * MiB);
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        var told = new List<long>();
        await disk.PrefetchAsync(100, 5 * MiB, new Teller(told), Token);
        Assert.Equal(told.Order(), told);
        Assert.Equal(5L * MiB, told[^1]);
        int requests = image.Server.Requests.Count;
        Assert.InRange(requests, 6, 7);
        await image.CheckAsync(disk, 100, 5 * MiB);
        await disk.PrefetchAsync(100, 5 * MiB, null, Token);
        await disk.PrefetchAsync(5 * MiB, 0, null, Token);
        Assert.Equal(requests, image.Server.Requests.Count);
    }

    [Fact]
    public async Task A_reader_joins_a_prefetch_in_flight()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(Patient);
        image.Server.Forget();
        image.Server.Always("objects/*", Fault.Delay(TimeSpan.FromMilliseconds(400)));
        Task prefetch = disk.PrefetchAsync(0, MiB, null, Token);
        await ArriveAsync(image, 1);
        await image.CheckAsync(disk, 0, MiB);
        await prefetch;
        Assert.Single(image.Server.Requests);
    }

    [Fact]
    public async Task A_prefetch_waits_for_what_a_reader_fetches_already()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(Patient);
        image.Server.Forget();
        image.Server.Always("objects/*", Fault.Delay(TimeSpan.FromMilliseconds(400)));
        Task read = image.CheckAsync(disk, 0, 4096);
        await ArriveAsync(image, 1);
        await disk.PrefetchAsync(0, 4096, null, Token);
        await read;
        image.Server.Forget();
        await image.CheckAsync(disk, 0, ServedImage.BlockSize);
        Assert.Empty(image.Server.Requests);
    }

    [Fact]
    public async Task A_failed_prefetch_fails_no_reader_that_joined_it()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Next("objects/*", Fault.StallAfter(100));
        Task prefetch = disk.PrefetchAsync(0, MiB, null, Token);
        await ArriveAsync(image, 2);
        await image.CheckAsync(disk, 0, MiB);
        await prefetch;
    }

    [Fact]
    public async Task A_page_that_fails_a_prefetch_fails_no_reader_that_joined_it()
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Next("objects/*", Fault.StallAfter(10));
        Task prefetch = disk.PrefetchAsync(0, MiB, null, Token);
        await ArriveAsync(image, 2);
        await image.CheckAsync(disk, 0, MiB);
        await prefetch;
    }

    [Fact]
    public async Task A_prefetch_for_which_somebody_waits_is_tried_again_and_fails_in_the_end()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(
            options => options with { ReadDeadline = TimeSpan.FromSeconds(2) });
        image.Server.Next("objects/*", Fault.Status(503), Fault.CutAfter(100_000));
        await disk.PrefetchAsync(0, MiB, null, Token);
        image.Server.Always("objects/*", Fault.Status(500));
        BlockIOException failure = await Assert.ThrowsAsync<BlockIOException>(
            () => disk.PrefetchAsync(0, 2 * MiB, null, Token));
        Assert.Equal(FailureReason.Unavailable, failure.Reason);
    }

    [Fact]
    public async Task A_prefetch_can_be_given_up_at_once()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(Patient);
        image.Server.Always("objects/*", Fault.StallBeforeHead);
        using var cancel = new CancellationTokenSource();
        Task prefetch = disk.PrefetchAsync(0, MiB, null, cancel.Token);
        await ArriveAsync(image, 2);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => prefetch.WaitAsync(TimeSpan.FromSeconds(2), Token));
    }

    // The server holds every answer back, so nothing but passing the queue by lets the reader's
    // request arrive. A clock would measure the machine.
    [Theory]
    [InlineData(8, 10, 8 + 1)]
    [InlineData(12, 11, 12)]
    public async Task A_reader_passes_queued_prefetches_by_whether_or_not_it_joins_one(
        int prefetched, int read, int requests)
    {
        await using ServedImage image = await ServedImage.CreateAsync(12 * MiB);
        await using LazyDisk disk = await image.OpenAsync(Patient);
        TaskCompletionSource release = new();
        image.Server.Forget();
        image.Server.Always("objects/*", Fault.HoldUntil(release.Task));
        Task[] prefetches =
        [
            .. Enumerable.Range(0, prefetched).Select(
                i => disk.PrefetchAsync(i * MiB, MiB, null, Token)),
        ];
        await ArriveAsync(image, PrefetchesInFlight);
        Task reader = image.CheckAsync(disk, read * MiB, 4096);
        await ArriveAsync(image, PrefetchesInFlight + 1);
        release.SetResult();
        await reader;
        await Task.WhenAll(prefetches);
        Assert.Equal(requests, image.Server.Requests.Count);
    }

    private static LazyDiskOptions Patient(LazyDiskOptions options) => options with
    {
        NoProgressTimeout = TimeSpan.FromSeconds(10),
        ReadDeadline = TimeSpan.FromSeconds(30),
    };

    private static async Task ArriveAsync(ServedImage image, int requests)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (image.Server.Requests.Count < requests)
        {
            Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 20);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Token);
        }
    }

    private sealed class Teller(List<long> told) : IProgress<long>
    {
        public void Report(long value) => told.Add(value);
    }
}
