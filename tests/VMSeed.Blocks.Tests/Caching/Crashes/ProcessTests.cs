using VMSeed.Blocks.Caching;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Caching.Crashes;

/// <summary>Several processes on one cache that is much too small for them, and some of them
/// killed.</summary>
public sealed class ProcessTests : IDisposable
{
    private const int Mebibytes = 24;

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("prune")]
    [InlineData("compress")]
    public async Task Processes_that_evict_under_each_other_read_right_bytes_only(string flag)
    {
        using StressProcess one =
            await StressProcess.StartAsync(_folder.Root, 1, Mebibytes, 1.5, flag);
        using StressProcess two = await StressProcess.StartAsync(_folder.Root, 2, Mebibytes, 1.5);
        foreach (StressProcess process in new[] { one, two })
        {
            Dictionary<string, long> saw = await process.FinishAsync();
            Assert.Equal((0, 0, 1), (saw["wrong"], saw["healed"], saw["takes"]));
            Assert.All(
                ["reads", "kept", "refused", "evictions"],
                name => Assert.NotEqual(0, saw[name]));
            Assert.Equal(0, process.ExitCode);
        }

        await AssertWorksAsync();
        Assert.InRange(await DiskUsage.OfAsync(_folder.Root), 1, Mebibytes << 20);
    }

    [Fact]
    public Task A_process_that_is_killed_leaves_a_cache_that_works() => KillAsync(10);

    [Fact]
    [Trait("Stage", "Long")]
    public Task A_process_that_is_killed_leaves_a_cache_that_works_each_of_200_times() =>
        KillAsync(200);

    private async Task KillAsync(int rounds)
    {
        // One stays alive throughout a few rounds, so that some killed ones have heirs and some
        // none.
        Random random = new(7);
        StressProcess? witness = null;
        for (int round = 0; round < rounds; round++)
        {
            if (round % 4 == 0)
            {
                witness = await StressProcess.StartAsync(_folder.Root, round, Mebibytes, 1000);
            }

            using StressProcess victim = await StressProcess.StartAsync(
                _folder.Root, 1000 + round, Mebibytes, 1000, round % 3 == 0 ? "prune" : "");
            TimeSpan life = TimeSpan.FromMilliseconds(random.Next(300));
            await Task.Delay(life, TimeProvider.System, Cancel);
            victim.Kill();
            if (round % 4 == 3)
            {
                witness!.Kill();
                witness.Dispose();
                witness = null;
                await AssertWorksAsync();
            }
            else
            {
                await AssertSharesAsync();
            }
        }

        witness?.Dispose();
        await AssertWorksAsync();
        Assert.True(Directory.GetFiles("/dev/shm", "vmseed-cache-*").Length < 50);
    }

    // Beside the witness: the heirs of whoever was killed go on without an error or a wrong byte.
    private async Task AssertSharesAsync()
    {
        using StressProcess heir = await StressProcess.StartAsync(_folder.Root, 9, Mebibytes, 0.1);
        Dictionary<string, long> saw = await heir.FinishAsync();
        Assert.Equal((0, 0, 1), (saw["wrong"], saw["healed"], saw["takes"]));
    }

    private async Task AssertWorksAsync()
    {
        BlockCacheOptions options = new() { MaxBytes = Mebibytes << 20, MinFreeBytes = 0 };
        RecordingLogger<BlockCache> log = new();
        await using BlockCache cache =
            await BlockCache.OpenAsync(_folder.Root, options, log, Cancel);
        Assert.Equal(0, (await cache.VerifyAsync(null, Cancel)).Bad);
        Assert.Empty(log.Warnings);
        await CacheBlocks.PutRangeAsync(cache, 50_000, 20);
        Assert.Equal(20, (await CacheBlocks.PresentAsync(cache, 50_000, 20)).Length);
    }
}
