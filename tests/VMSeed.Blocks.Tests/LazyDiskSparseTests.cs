using VMSeed.Blocks.Primitives;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>A disk of 1 TiB with little on it costs little.</summary>
[Collection(nameof(AloneCollection))]
public sealed class LazyDiskSparseTests : IAsyncLifetime
{
    private const long TiB = 1L << 40;
    private const int BlockSize = 64 * 1024;
    private const int Island = 200_000;

    // Both ends, a place across two leaves (64 MiB each), and one under another root entry.
    private static readonly long[] _islands =
        [0, (64L << 20) - 100_000, 700L << 30, TiB - Island];

    private TestRepository _repository = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync(4096);
        await using (FileStream file = File.Create(_repository.DiskPath))
        {
            file.SetLength(TiB);
            foreach (long at in _islands)
            {
                file.Position = at;
                await file.WriteAsync(IslandAt(at), Token);
            }
        }

        await _repository.PublishAsync(
            BlockSize, options => options with { Fanout = 1024, PackLength = 8 << 20 });
    }

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return default;
    }

    [Fact]
    public async Task Opening_and_the_first_read_cost_four_requests_and_less_than_a_mebibyte()
    {
        foreach (long at in _islands)
        {
            await using FaultServer server = new(_repository.Root);
            await using LazyDisk disk = await _repository.OpenAsync(server.Root);
            byte[] buffer = new byte[4096];
            await disk.ReadAsync(at, buffer, Token);
            Assert.Equal(IslandAt(at)[..4096], buffer);
            Assert.InRange(server.Requests.Count, 2, 4);
            Assert.InRange(server.BytesSent, 4096, 1 << 20);
        }
    }

    [Fact]
    public async Task Holes_cost_nothing_once_the_pages_above_them_are_known()
    {
        await using FaultServer server = new(_repository.Root);
        await using LazyDisk disk = await _repository.OpenAsync(server.Root);
        byte[] buffer = new byte[BlockSize];
        await disk.ReadAsync(TiB / 2, buffer, Token);
        server.Forget();
        buffer.AsSpan().Fill(1);
        long place = 0;
        Assert.Equal(0, Allocations.Measure(() =>
        {
            place = (place + (3L << 30)) % (500L << 30);
            return disk.ReadAsync((90L << 30) + place, buffer, default);
        }));
        Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)0));
        Assert.InRange(server.Requests.Count, 0, 1);
    }

    [Fact]
    public async Task Memory_grows_with_what_is_touched()
    {
        await using LazyDisk disk = await _repository.OpenAsync();
        byte[] buffer = new byte[4096];
        await disk.ReadAsync(0, buffer, Token);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            await disk.ReadAsync(random.NextInt64(TiB - buffer.Length), buffer, Token);
        }

        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(grown, long.MinValue, 2 << 20);
    }

    [Fact]
    public async Task The_map_is_that_of_the_file_and_quick()
    {
        await using LazyDisk disk = await _repository.OpenAsync();
        long start = TimeProvider.System.GetTimestamp();
        List<Extent> map = await MapAsync(disk);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 3);
        Assert.Equal(Model(ExtentKind.Absent), map);
        byte[] buffer = new byte[Island];
        foreach (long at in _islands)
        {
            await disk.ReadAsync(at, buffer, Token);
            Assert.Equal(IslandAt(at), buffer);
        }

        Assert.Equal(Model(ExtentKind.Data), await MapAsync(disk));
        Assert.Equal(
            new Extent(5000, 100, ExtentKind.Data), await disk.MapAsync(5000, 100, Token));
        Assert.Equal(
            new Extent(TiB / 2, 1, ExtentKind.Zero), await disk.MapAsync(TiB / 2, 1, Token));
    }

    private static async Task<List<Extent>> MapAsync(LazyDisk disk)
    {
        var map = new List<Extent>();
        await foreach (Extent extent in disk.ExtentsAsync(0, disk.Length, Token))
        {
            map.Add(extent);
        }

        return map;
    }

    private static List<Extent> Model(ExtentKind data)
    {
        var model = new List<Extent>();
        long end = 0;
        foreach (long at in _islands)
        {
            long first = at / BlockSize * BlockSize;
            long last = (at + Island + BlockSize - 1) / BlockSize * BlockSize;
            if (first > end)
            {
                model.Add(new Extent(end, first - end, ExtentKind.Zero));
            }

            end = Math.Min(last, TiB);
            model.Add(new Extent(first, end - first, data));
        }

        return model;
    }

    private static byte[] IslandAt(long at) =>
        TestDisk.Noise(new Random((int)(at >> 20)), Island);
}
