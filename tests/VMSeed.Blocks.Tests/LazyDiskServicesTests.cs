using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VMSeed.Testing;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>Disks out of a container, and what they tell to whoever listens.</summary>
public sealed class LazyDiskServicesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disks_of_a_container_share_its_client_with_its_handlers_and_its_cache()
    {
        using var cache = new TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync();
        using var handled = new CountingHandler();
        await using ServiceProvider provider = Provide(cache.Root, handled, out _);
        LazyDiskFactory factory = provider.GetRequiredService<LazyDiskFactory>();
        string address = new Uri(image.Server.Root, image.Repository.HeadName).ToString();
        for (int i = 0; i < 2; i++)
        {
            await using LazyDisk disk = await factory.OpenAsync(address, null, Token);
            await image.CheckAsync(disk, 0, 1024 * 1024);
        }

        Assert.Equal(2 + 1, image.Server.Requests.Count);
        Assert.Equal(2 + 1, handled.Count);
    }

    [Fact]
    public async Task Files_of_a_container_share_the_client_and_the_cache_of_its_disks()
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile();
        using var handled = new CountingHandler();
        await using ServiceProvider provider = Provide(cache.Root, handled, out var log);
        LazyDiskFactory factory = provider.GetRequiredService<LazyDiskFactory>();
        await using (HttpRangeDevice device = await factory.OpenFileAsync(file.Url, null, Token))
        {
            await file.CheckAsync(device, 0, 1024 * 1024);
        }

        await using HttpRangeDevice again = await factory.OpenFileAsync(
            file.Url + "#part", options => options with { VerifyAlways = true }, Token);
        await file.CheckAsync(again, 0, 1024 * 1024);
        Assert.Equal((3, 3), (file.Server.Requests.Count, handled.Count));
        Assert.Contains(
            log.Messages,
            line => line.Contains($"Opened {file.Url}, ETag \"v1\": 4194304 bytes", Ordinal));
    }

    [Fact]
    public async Task A_disk_of_a_container_can_do_without_the_shared_cache()
    {
        using var cache = new TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync();
        using var handled = new CountingHandler();
        await using ServiceProvider provider = Provide(cache.Root, handled, out _);
        LazyDiskFactory factory = provider.GetRequiredService<LazyDiskFactory>();
        string address = new Uri(image.Server.Root, image.Repository.HeadName).ToString();
        await using (LazyDisk disk = await factory.OpenAsync(
            address, options => options with { CacheDirectory = null }, Token))
        {
            await image.CheckAsync(disk, 0, 4096);
        }

        Assert.Empty(Directory.GetFileSystemEntries(cache.Root));
    }

    [Fact]
    public async Task Openings_and_failed_tries_are_logged()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        using var handled = new CountingHandler();
        await using ServiceProvider provider =
            Provide(null, handled, out RecordingLogger<LazyDisk> log);
        image.Server.Next("objects/*", Fault.Status(500));
        await using LazyDisk disk = await provider.GetRequiredService<LazyDiskFactory>()
            .OpenAsync(
                new Uri(image.Server.Root, image.Repository.HeadName).ToString(), null, Token);
        await image.CheckAsync(disk, 0, 4096);
        Assert.Contains(log.Messages, line => line.Contains("Opened disk version 1", Ordinal));
        Assert.Contains(log.Messages, line => line.Contains("without a signature", Ordinal));
        Assert.Contains(log.Messages, line => line.Contains("answered 500", Ordinal));
    }

    [Fact]
    public async Task The_meter_counts_what_the_statistics_count()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "VMSeed.Blocks")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            counted.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Next("objects/*", Fault.Status(500));
        await image.CheckAsync(disk, 0, 1024 * 1024);
        await image.CheckAsync(disk, 0, 1024 * 1024);
        await disk.PrefetchAsync(2 * 1024 * 1024, 1024 * 1024, null, Token);

        // Other tests count beside this one.
        Assert.True(counted["vmseed.fetch.requests"] >= 3);
        Assert.True(counted["vmseed.fetch.size"] >= 3 * 1024 * 1024);
        Assert.True(counted["vmseed.fetch.failures"] >= 1);
        Assert.True(counted["vmseed.read.misses"] >= 16);
        Assert.True(counted["vmseed.read.hits"] >= 16);
        Assert.True(counted["vmseed.prefetch.blocks"] >= 16);
        Assert.Equal(
            (3L, 1L, 16L, 16L, 16L),
            (disk.Statistics.Requests,
                disk.Statistics.Failures,
                disk.Statistics.Misses,
                disk.Statistics.Hits,
                disk.Statistics.PrefetchedBlocks));
    }

    [Fact]
    public void Options_of_a_file_name_all_their_faults_at_once()
    {
        var options = new HttpRangeOptions
        {
            BlockSize = 65_535,
            MemoryCacheSize = -1,
            ReadDeadline = TimeSpan.Zero,
        };
        string message = Assert.Throws<ArgumentException>(options.Validate).Message;
        foreach (string name in (string[])
            ["BlockSize is 65535", "MemoryCacheSize is -1", "ReadDeadline"])
        {
            Assert.Contains(name, message, Ordinal);
        }

        new HttpRangeOptions { BlockSize = 512 * 1024 }.Validate();
        Assert.Throws<ArgumentException>(
            new HttpRangeOptions { BlockSize = 1024 * 1024 }.Validate);
    }

    [Fact]
    public void Options_name_all_their_faults_at_once()
    {
        var options = new LazyDiskOptions
        {
            MemoryCacheSize = -1,
            IndexCacheSize = 5,
            ReadDeadline = TimeSpan.Zero,
            NoProgressTimeout = Timeout.InfiniteTimeSpan,
        };
        string message = Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Equal(
            message, Assert.Throws<ArgumentException>(
                () => new ServiceCollection().AddLazyDisks(options)).Message);
        foreach (string name in (string[])
            ["MemoryCacheSize is -1", "IndexCacheSize is 5", "ReadDeadline", "NoProgressTimeout"])
        {
            Assert.Contains(name, message, Ordinal);
        }
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static ServiceProvider Provide(
        string? cache, CountingHandler handler, out RecordingLogger<LazyDisk> log)
    {
        RecordingLogger<LazyDisk> recording = new();
        log = recording;
        var services = new ServiceCollection();
        services.AddLogging(builder =>
            builder.SetMinimumLevel(LogLevel.Trace).AddProvider(recording));
        services
            .AddLazyDisks(new LazyDiskOptions
            {
                AllowUnsigned = true,
                StateDirectory = null,
                CacheDirectory = cache,
                ReadAhead = false,
            })
            .AddHttpMessageHandler(() => handler);
        return services.BuildServiceProvider();
    }

    private sealed class CountingHandler : DelegatingHandler
    {
        private int _count;

        public int Count => _count;

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
