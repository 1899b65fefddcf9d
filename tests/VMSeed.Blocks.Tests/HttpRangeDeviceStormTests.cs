using CsCheck;
using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Any reads, in any order, by any number of readers, whatever the server does.</summary>
public sealed class HttpRangeDeviceStormTests
{
    private const int Length = 3_000_017;
    private const int Readers = 8;
    private const int ReadsEach = 60;

    private static readonly Gen<(int Offset, int Length)[]> s_reads = Gen
        .Select(Gen.Int[0, Length - 1], Gen.OneOf(Gen.Int[1, 5000], Gen.Int[1, 700_000]))
        .Array[1, 30];

    private static readonly Fault[] s_faults =
    [
        Fault.None, Fault.None, Fault.None, Fault.None, Fault.NoRanges,
        Fault.NoRangesChunked, Fault.Chunked(), Fault.Chunked(extra: 10),
        Fault.Chunked(endless: true), Fault.ContentRange(null), Fault.ContentRange("bytes 0-1/2"),
        Fault.Status(404), Fault.Status(412), Fault.Status(416), Fault.Status(503),
        Fault.Status(429, "Retry-After: 0"), Fault.CutAfter(70_000), Fault.CutAfter(0),
        Fault.ResetAfter(100_000), Fault.StallAfter(66_000), Fault.StallBeforeHead, Fault.Gzip,
        Fault.Portal, Fault.Redirect("/elsewhere"), Fault.Delay(TimeSpan.FromMilliseconds(30)),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_sequence_of_reads_equals_the_file()
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile(Length);
        await Gen.Select(s_reads, Gen.Int[12, 19], Gen.Bool, Gen.Bool).SampleAsync(
            async (reads, blockShift, isCached, readsAhead) =>
            {
                await using HttpRangeDevice device = await file.OpenAsync(options => options with
                {
                    BlockSize = 1 << blockShift,
                    CacheDirectory = isCached ? cache.Root : null,
                    MemoryCacheSize = 512 * 1024,
                    ReadAhead = readsAhead,
                });
                foreach ((int offset, int length) in reads)
                {
                    await file.CheckAsync(device, offset, Math.Min(length, Length - offset));
                }
            },
            iter: 25,
            seed: "0000KOIPcuP4",
            threads: 1);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task A_storm_of_faults_and_of_another_version_never_makes_a_wrong_byte(
        int seed, bool isCached)
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile(Length);
        byte[] other = TestDisk.Noise(new Random(9), Length);
        await using HttpRangeDevice device = await file.OpenAsync(options => options with
        {
            ReadAhead = true,
            MemoryCacheSize = 512 * 1024,
            CacheDirectory = isCached ? cache.Root : null,
            NoProgressTimeout = TimeSpan.FromMilliseconds(100),
            ReadDeadline = TimeSpan.FromMilliseconds(300),
        });
        file.Server.Always(ServedFile.Name, Any(seed, other));
        int[] right = await Task.WhenAll(Enumerable.Range(0, Readers)
            .Select(reader => Task.Run(() => ReadAsync(file, device, (seed * 100) + reader))));
        Assert.True(right.Sum() > 0, "The storm let nothing through.");
        Assert.True(device.Statistics.Failures > 0, "There was no storm.");
    }

    // Most requests meet a fault of the list, some a whole good answer of another version.
    private static Fault Any(int seed, byte[] other)
    {
        var random = new Random(seed);
        var gate = new Lock();
        return new Fault("any", async x =>
        {
            int choice;
            lock (gate)
            {
                choice = random.Next(s_faults.Length + 4);
            }

            if (choice < s_faults.Length)
            {
                await s_faults[choice].AnswerAsync(x);
                return;
            }

            int from = (int)x.Request.From;
            await x.SendAsync(System.Text.Encoding.ASCII.GetBytes(
                $"HTTP/1.1 206 Partial Content\r\nETag: \"v2\"\r\n{x.GoodRange}\r\n"
                + $"Content-Length: {x.Wanted.Length}\r\n\r\n"));
            await x.SendAsync(other.AsMemory(from, x.Wanted.Length));
        });
    }

    private static async Task<int> ReadAsync(ServedFile file, HttpRangeDevice device, int seed)
    {
        var random = new Random(seed);
        int right = 0;
        for (int i = 0; i < ReadsEach; i++)
        {
            int length = random.Next(4) == 0 ? random.Next(1, 500_000) : random.Next(1, 5000);
            byte[] buffer = new byte[length];
            int offset = random.Next(Length - length);
            try
            {
                await device.ReadAsync(offset, buffer, Stop);
                Assert.True(file.Content.AsSpan(offset, length).SequenceEqual(buffer));
                right++;
            }
            catch (BlockIOException failure)
            {
                Assert.Contains(file.Url, failure.Message, StringComparison.Ordinal);
            }
        }

        return right;
    }
}
