using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>A disk whose state and cache lie on a machine that has no network at the
/// moment.</summary>
public sealed class LazyDiskOfflineTests : IAsyncLifetime
{
    private const int Length = 4 * 1024 * 1024;
    private const int Cached = 1024 * 1024;

    private readonly TempFolder _state = new();
    private readonly MemoryBlockDevice _partition = new(64L << 20);
    private ServedImage _image = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Pages of 16 entries: four leaves below the root.
        _image = await ServedImage.CreateAsync(Length, fanout: 16, isSigned: true);
        await using BlockCache cache = await OpenCacheAsync();
        await using LazyDisk disk = await OpenAsync(cache);
        await _image.CheckAsync(disk, 0, Cached);
    }

    public async ValueTask DisposeAsync()
    {
        await _image.DisposeAsync();
        await _partition.DisposeAsync();
        _state.Dispose();
    }

    [Fact]
    public async Task It_opens_and_reads_what_it_has_and_waits_for_the_rest()
    {
        _image.Server.Always("*", Fault.Raw([]));
        long start = TimeProvider.System.GetTimestamp();
        await using BlockCache cache = await OpenCacheAsync();
        await using LazyDisk disk = await OpenAsync(cache);
        await _image.CheckAsync(disk, 0, Cached);
        TimeSpan took = TimeProvider.System.GetElapsedTime(start);
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // Asks for 5 s; not for 60.

        Task missing = _image.CheckAsync(disk, 3 * Cached, ServedImage.BlockSize);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Token);
        Assert.False(missing.IsCompleted);
        await _image.CheckAsync(disk, 0, Cached); // Nobody waits for what is not missing.
        _image.Server.Always("*", Fault.None);
        await missing;
        await _image.CheckAsync(disk, 0, Length);
    }

    [Fact]
    public async Task What_was_fetched_while_the_network_was_there_is_not_asked_for_again()
    {
        _image.Server.Forget();
        await using BlockCache cache = await OpenCacheAsync();
        await using LazyDisk disk = await OpenAsync(cache);
        await _image.CheckAsync(disk, 0, Cached);
        Assert.Equal(
            _image.Repository.HeadName,
            Assert.Single(_image.Server.Requests).Path.TrimStart('/'));
    }

    private Task<BlockCache> OpenCacheAsync() => BlockCache.OpenDeviceAsync(
        _partition, new BlockCacheOptions { Compress = true }, null, Token);

    private Task<LazyDisk> OpenAsync(BlockCache cache) => _image.OpenAsync(options => options with
    {
        Cache = cache,
        StateDirectory = _state.Root,
        ReadDeadline = TimeSpan.FromSeconds(60),
    });
}
