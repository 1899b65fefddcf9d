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
    private const int Piece = 1024 * 1024;
    private const long Length = 256L * 1024 * 1024;

    private readonly byte[] _buffer = new byte[Piece];
    private readonly Random _random = new(7);
    private string _folder = null!;
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
        _folder = Directory.CreateTempSubdirectory("vmseed-bench-").FullName;
        string raw = Path.Join(_folder, "disk.raw");
        await using (FileStream file = File.Create(raw))
        {
            for (long offset = 0; offset < Length; offset += Piece)
            {
                _random.NextBytes(_buffer);
                await file.WriteAsync(_buffer);
            }
        }

        string image = Path.Join(_folder, "image");
        await using (VirtualDisk source = await VirtualDisk.OpenFileAsync(
            raw, new VirtualDiskOptions { Format = DiskFormat.Raw }))
        {
            await DiskConverter.ConvertFileAsync(
                source, image, new VirtualDiskCreateOptions { Format = Format, Length = Length });
        }

        _raw = File.OpenHandle(raw);
        _disk = await VirtualDisk.OpenFileAsync(
            image, new VirtualDiskOptions { Format = Format });
        for (long offset = 0; offset < Length; offset += Piece)
        {
            await _disk.ReadAsync(offset, _buffer);
        }
    }

    [GlobalCleanup]
    public async Task CleanUpAsync()
    {
        await _disk.DisposeAsync();
        _raw.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public int RawFile() => RandomAccess.Read(_raw, _buffer.AsSpan(0, Small), Next());

    [Benchmark]
    public ValueTask Image() => _disk.ReadAsync(Next(), _buffer.AsMemory(0, Small));

    private long Next() => _random.NextInt64(Length / Small) * Small;
}
