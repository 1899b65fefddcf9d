using VMSeed.Blocks;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Gslb.Tests;

/// <summary>A published, signed image on thirteen servers, read by a disk that finds them in its
/// head, while one after the other of those that are used goes bad.</summary>
public sealed class LazyDiskOverMirrorsTests
{
    private const int Piece = 16 * 1024;

    private static readonly Fault[] _faults =
    [
        Fault.ResetAfter(1000), Fault.Replace(), Fault.StallAfter(1000), Fault.NoRanges,
        Fault.Status(503, "Retry-After: 100"), Fault.Portal, Fault.Truncated(1000),
        Fault.Status(404),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mirrors_go_bad_in_mid_read_and_no_reader_sees_an_error_or_a_wrong_byte()
    {
        FaultServer[] servers = [];
        using TestRepository repository = await TestRepository.CreateAsync(
            length: 12 << 20,
            isSigned: true,
            adapt: options =>
            {
                servers = [.. Enumerable.Range(0, 13)
                    .Select(_ => new FaultServer(options.RepositoryPath))];
                return options with { Mirrors = [.. servers.Skip(1).Select(x => x.Root)] };
            });
        RecordingLogger<MirrorHandler> log = new();
        using MirrorHandler handler = new(new MirrorHandlerOptions { Seed = 1 }, log);
        using HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
        await using (LazyDisk disk = await LazyDisk.OpenAsync(
            new Uri(servers[0].Root, repository.HeadName),
            new LazyDiskOptions
            {
                HttpClient = client,
                PublicKeys = [repository.PublicKey!],
                CacheDirectory = null,
                StateDirectory = null,
                ReadAhead = false,
                MemoryCacheSize = 0,
            },
            Token))
        {
            await ReadAsync(disk, repository.DiskBytes, servers);
        }

        await Farm.UntilAsync(() => handler.Tools is { Live: 0, Buffers.Rented: 0 });
        Assert.True(servers.Count(server => server.Requests.Count > 0) > 4);
        Assert.Contains(log.Errors, line => line.Contains("quarantined"));
        foreach (FaultServer server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task ReadAsync(LazyDisk disk, byte[] expected, FaultServer[] servers)
    {
        int pieces = expected.Length / Piece;
        int[] order = [.. Enumerable.Range(0, pieces)];
        new Random(7).Shuffle(order);
        int begun = 0;
        int broken = 0;
        await Parallel.ForEachAsync(
            order,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token },
            async (piece, stop) =>
            {
                if (Interlocked.Increment(ref begun) % (pieces / _faults.Length) == 10)
                {
                    FaultServer best = servers.MaxBy(server => server.Requests.Count)!;
                    best.Always("objects/*", _faults[Interlocked.Increment(ref broken) - 1]);
                    best.Forget();
                }

                byte[] buffer = new byte[Piece];
                await disk.ReadAsync((long)piece * Piece, buffer, stop);
                Assert.True(expected.AsSpan(piece * Piece, Piece).SequenceEqual(buffer));
            });
        Assert.Equal(_faults.Length, broken);
    }
}
