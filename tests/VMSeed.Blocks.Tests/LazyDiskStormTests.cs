using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Every request may go wrong in any way, for seconds, under many readers.</summary>
public sealed class LazyDiskStormTests
{
    private const int Readers = 8;
    private const int Length = 6 * 1024 * 1024;

    private static readonly TimeSpan _storm = TimeSpan.FromSeconds(3);

    private static readonly Fault[] _faults =
    [
        Fault.None, Fault.None, Fault.None, Fault.None,
        Fault.NoRangesChunked, Fault.Chunked(), Fault.Chunked(extra: 10),
        Fault.Chunked(endless: true), Fault.ContentRange(null), Fault.ContentRange("bytes 0-1/2"),
        Fault.Status(404), Fault.Status(503), Fault.Status(429, "Retry-After: 0"),
        Fault.Status(500), Fault.CutAfter(70_000), Fault.CutAfter(0), Fault.ResetAfter(100_000),
        Fault.StallAfter(66_000), Fault.StallBeforeHead, Fault.Replace(), Fault.Gzip,
        Fault.Portal, Fault.Redirect("/elsewhere"), Fault.FlipBit(1_000_000),
        Fault.FlipBit(5), Fault.Delay(TimeSpan.FromMilliseconds(30)),
    ];

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Reads_are_right_or_fail_in_words_and_all_is_well_afterwards(
        int seed, bool isCached)
    {
        using var cache = new TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync(Length, fanout: 16);
        await using LazyDisk disk = await image.OpenAsync(options => options with
        {
            ReadAhead = true,
            MemoryCacheSize = 1024 * 1024,
            IndexCacheSize = 1024 * 1024,
            CacheDirectory = isCached ? cache.Root : null,
            NoProgressTimeout = TimeSpan.FromMilliseconds(100),
            ReadDeadline = TimeSpan.FromMilliseconds(500),
        });
        image.Server.Always("objects/*", Any(seed));
        int[] ends = await Task.WhenAll(Enumerable.Range(0, Readers)
            .Select(reader => Task.Run(() => ReadAsync(image, disk, (seed * 100) + reader))));
        Assert.True(ends.Sum() > 0, "The storm let nothing through.");
        image.Server.Always("objects/*", Fault.None);
        await image.RecoverAsync(disk);
        Assert.True(disk.Statistics.Failures > 0);
        // The patience of the storm is too short for a busy machine, so that these may take a
        // second try too.
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => image.RecoverAsync(disk)));
    }

    // Reads until the storm ends; returns how many reads were right.
    private static async Task<int> ReadAsync(ServedImage image, LazyDisk disk, int seed)
    {
        var random = new Random(seed);
        int right = 0;
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < _storm)
        {
            int length = random.Next(4) == 0 ? random.Next(1, 1_500_000) : random.Next(1, 5000);
            using var cancel = new CancellationTokenSource(
                random.Next(8) == 0 ? random.Next(60) : 20_000);
            byte[] buffer = new byte[length];
            int offset = random.Next(Length - length);
            try
            {
                await disk.ReadAsync(offset, buffer, cancel.Token);
                Assert.True(image.Content.AsSpan(offset, length).SequenceEqual(buffer));
                right++;
            }
            catch (BlockIOException failure)
            {
                Assert.NotNull(failure.ObjectName);
                Assert.Contains(
                    image.Server.Root.Authority, failure.Message, StringComparison.Ordinal);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                continue; // Given up, by chance.
            }
        }

        return right;
    }

    private static Fault Any(int seed)
    {
        var random = new Random(seed);
        return new Fault("any", exchange =>
        {
            lock (random)
            {
                return _faults[random.Next(_faults.Length)].AnswerAsync(exchange);
            }
        });
    }
}
