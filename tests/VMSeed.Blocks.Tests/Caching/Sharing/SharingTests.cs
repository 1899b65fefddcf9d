using VMSeed.Blocks.Caching;
using VMSeed.CacheStress;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Caching.Sharing;

/// <summary>Several openings of one cache, with and without memory that they share.</summary>
public sealed class SharingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_one_puts_the_other_finds_and_what_one_evicts_the_other_does_not_read()
    {
        await using BlockCache one = await OpenAsync();
        await using BlockCache two = await OpenAsync();
        await CacheBlocks.PutRangeAsync(one, 0, 50);
        Assert.Equal(50, (await CacheBlocks.PresentAsync(two, 0, 50)).Length);
        BlockPlace place = await CacheBlocks.FindAsync(one, 0);
        await two.ClearAsync(Cancel);
        Assert.False(await CacheBlocks.ReadsAsync(one, place, 0));
        await CacheBlocks.PutRangeAsync(two, 100, 50);
        Assert.False(await CacheBlocks.ReadsAsync(one, place, 0));
        await CacheBlocks.PutRangeAsync(one, 200, 300);
        Assert.Equal(0, (await two.VerifyAsync(null, Cancel)).Bad);
    }

    [Fact]
    public async Task The_shared_memory_goes_with_the_last()
    {
        HashSet<string> before = [.. Directory.GetFiles("/dev/shm")];
        BlockCache one = await OpenAsync();
        string name = Directory.GetFiles("/dev/shm").Except(before)
            .First(f => f.Contains("vmseed-cache", StringComparison.Ordinal));
        BlockCache two = await OpenAsync();
        await one.DisposeAsync();
        await CacheBlocks.PutRangeAsync(two, 0, 10);
        await two.DisposeAsync();
        Assert.False(File.Exists(name));
    }

    [Fact]
    public async Task Who_cannot_reach_the_others_memory_adds_and_reads_but_evicts_nothing()
    {
        HashSet<string> before = [.. Directory.GetFiles("/dev/shm")];
        await using BlockCache one = await OpenAsync();
        foreach (string file in Directory.GetFiles("/dev/shm").Except(before))
        {
            File.Move(file, file + ".hidden"); // As in another container.
        }

        await using BlockCache two = await OpenAsync();
        BlockPlace[] places = await CacheBlocks.PutRangeAsync(two, 0, 100);
        Assert.Equal(100, (await CacheBlocks.PresentAsync(one, 0, 100)).Length);
        await CacheBlocks.PutRangeAsync(two, 1000, 1000);
        Assert.Equal(0, (await two.GetStatisticsAsync(Cancel)).Evictions);
        Assert.Equal(100, (await CacheBlocks.PresentAsync(one, 0, 100)).Length);
        await one.ClearAsync(Cancel);
        Assert.False(await CacheBlocks.ReadsAsync(two, places[0], 0));
        await Assert.ThrowsAsync<IOException>(() => two.ClearAsync(Cancel));
        Worker[] workers = [new(one, CacheBlocks.All, 1), new(two, CacheBlocks.All, 2)];
        await Task.WhenAll(workers.Select(RunAsync));
        foreach (string file in Directory.GetFiles("/dev/shm", "*.hidden"))
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Workers_on_several_openings_read_right_bytes_only()
    {
        await using BlockCache one = await OpenAsync();
        await using BlockCache two = await OpenAsync();
        Universe universe = new(1500);
        Worker[] workers =
        [
            new(one, universe, 1), new(one, universe, 2),
            new(two, universe, 3), new(two, universe, 4),
        ];
        await Task.WhenAll(workers.Select(RunAsync));
        Assert.All(workers, worker => Assert.NotEqual(0, worker.Kept));
    }

    private static Task RunAsync(Worker worker) => Task.Run(async () =>
    {
        for (int i = 0; i < 500; i++)
        {
            await worker.StepAsync();
        }

        Assert.Equal((0, 0), (worker.Wrong, worker.Healed));
    });

    private Task<BlockCache> OpenAsync() => BlockCache.OpenAsync(
        _folder.Root, new() { MaxBytes = 16 << 20, MinFreeBytes = 0 }, null, Cancel);
}
