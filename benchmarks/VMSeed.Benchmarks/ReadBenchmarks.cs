using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;
using VMSeed.Blocks;
using VMSeed.Blocks.Devices;

namespace VMSeed.Benchmarks;

/// <summary>Reads of what is local already, against the same reads of the raw file.</summary>
/// <remarks>
/// Both files lie in the page cache. <c>Raw</c> is RandomAccess.Read, the least that a read costs
/// in .NET; <c>File</c> is FileBlockDevice; <c>Cached</c> is a lazy disk whose blocks lie in the
/// block cache, its memory tier off; <c>Memory</c> is a lazy disk whose memory tier holds what is
/// read.
/// </remarks>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkDotNet.Configs.BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ReadBenchmarks
{
    private const int Small = 4 * 1024;
    private const int Large = 1024 * 1024;

    // What the memory tier can hold of it: 16 MiB.
    private const long HotLength = 16L * 1024 * 1024;

    private readonly byte[] _buffer = new byte[Large];
    private readonly Random _random = new(7);
    private PublishedDisk _published = null!;
    private SafeFileHandle _raw = null!;
    private FileBlockDevice _file = null!;
    private LazyDisk _cached = null!;
    private LazyDisk _memory = null!;
    private long _position;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _published = await PublishedDisk.CreateAsync();
        _raw = File.OpenHandle(_published.RawPath);
        _file = FileBlockDevice.Open(_published.RawPath);
        _cached = await _published.OpenCachedAsync(memoryCacheSize: 0);
        _memory = await _published.OpenCachedAsync(memoryCacheSize: 2 * HotLength);
        for (int pass = 0; pass < 2; pass++)
        {
            for (long offset = 0; offset < HotLength; offset += Large)
            {
                await _memory.ReadAsync(offset, _buffer);
            }
        }
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _memory.DisposeAsync();
        await _cached.DisposeAsync();
        await _file.DisposeAsync();
        _raw.Dispose();
        await _published.DisposeAsync();
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("4 KiB random")]
    public int Raw4K() => RandomAccess.Read(_raw, _buffer.AsSpan(0, Small), NextSmall());

    [Benchmark]
    [BenchmarkCategory("4 KiB random")]
    public ValueTask File4K() => _file.ReadAsync(NextSmall(), _buffer.AsMemory(0, Small));

    [Benchmark]
    [BenchmarkCategory("4 KiB random")]
    public ValueTask Cached4K() => _cached.ReadAsync(NextSmall(), _buffer.AsMemory(0, Small));

    [Benchmark]
    [BenchmarkCategory("4 KiB random")]
    public ValueTask Memory4K() =>
        _memory.ReadAsync(NextSmall() % HotLength, _buffer.AsMemory(0, Small));

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("1 MiB sequential")]
    public int Raw1M() => RandomAccess.Read(_raw, _buffer, NextLarge());

    [Benchmark]
    [BenchmarkCategory("1 MiB sequential")]
    public ValueTask File1M() => _file.ReadAsync(NextLarge(), _buffer);

    [Benchmark]
    [BenchmarkCategory("1 MiB sequential")]
    public ValueTask Cached1M() => _cached.ReadAsync(NextLarge(), _buffer);

    private long NextSmall() => _random.NextInt64(PublishedDisk.Length / Small) * Small;

    private long NextLarge()
    {
        _position += Large;
        if (_position >= PublishedDisk.Length)
        {
            _position = 0;
        }

        return _position;
    }
}
