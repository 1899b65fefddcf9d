using BenchmarkDotNet.Attributes;
using Microsoft.Win32.SafeHandles;
using VMSeed.Disks;

namespace VMSeed.Benchmarks.Disks;

/// <summary>Random reads of 4 KiB through the map of each format, against the same reads of the
/// raw file. All of it lies in the page cache.</summary>
[MemoryDiagnoser]
public class MapBenchmarks
{
    private const int Small = 4 * 1024;

    private readonly byte[] _buffer = new byte[Small];
    private readonly Random _random = new(7);
    private MapFiles _files = null!;
    private SafeFileHandle _raw = null!;
    private VirtualDisk _disk = null!;

    /// <summary>What the disk is stored as.</summary>
    [Params(
        DiskFormat.Raw, DiskFormat.Vmdk, DiskFormat.Vdi, DiskFormat.Vhd, DiskFormat.Vhdx,
        DiskFormat.Parallels, DiskFormat.Qcow2)]
    public DiskFormat Format { get; set; }

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _files = await MapFiles.CreateAsync(Format);
        _raw = File.OpenHandle(_files.Raw);
        _disk = await MapFiles.OpenAsync(_files.Copied, Format);
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _disk.DisposeAsync();
        _raw.Dispose();
        _files.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int RawFile() => RandomAccess.Read(_raw, _buffer, Next());

    [Benchmark]
    public ValueTask Image() => _disk.ReadAsync(Next(), _buffer);

    private long Next() => _random.NextInt64(MapFiles.Length / Small) * Small;
}
