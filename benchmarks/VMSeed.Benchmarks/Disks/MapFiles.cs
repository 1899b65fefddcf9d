using VMSeed.Disks;

namespace VMSeed.Benchmarks.Disks;

// The page cache keeps a file in pieces as large as the writes that made it and their alignment
// allow, and a read of 4 KiB out of small ones takes longer: 9 % out of 64 KiB, a third out of
// 4 KiB, beside 1 MiB. A conversion writes as the format places blocks: at odd multiples of 4 KiB
// in a VHD. Beside a raw file in pieces of 1 MiB that would be measured with the map. So there is
// the image as it was converted, and a copy that is written as the raw file was.

/// <summary>A disk of noise as a raw file and as an image, both in the page cache.</summary>
internal sealed class MapFiles : IDisposable
{
    /// <summary>Bytes of the disk: more than the processor's caches hold.</summary>
    public const long Length = 256L * Piece;

    /// <summary>Bytes of a write.</summary>
    public const int Piece = 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("vmseed-bench-").FullName;

    private MapFiles()
    {
    }

    public string Raw => Path.Join(_folder, "disk.raw");

    /// <summary>The image as the conversion wrote it.</summary>
    public string Converted => Path.Join(_folder, "converted");

    /// <summary>The image, written as the raw file was.</summary>
    public string Copied => Path.Join(_folder, "copied");

    public static async Task<MapFiles> CreateAsync(DiskFormat format)
    {
        var files = new MapFiles();
        try
        {
            await WriteNoiseAsync(files.Raw);
            await ConvertAsync(files.Raw, files.Converted, format);
            await using FileStream source = File.OpenRead(files.Converted);
            await using FileStream target = File.Create(files.Copied);
            await source.CopyToAsync(target, Piece);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>Opens an image with its tables in memory.</summary>
    public static async Task<VirtualDisk> OpenAsync(string image, DiskFormat format)
    {
        VirtualDisk disk = await VirtualDisk.OpenFileAsync(
            image, new VirtualDiskOptions { Format = format });
        byte[] buffer = new byte[Piece];
        for (long offset = 0; offset < Length; offset += Piece)
        {
            await disk.ReadAsync(offset, buffer);
        }

        return disk;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task WriteNoiseAsync(string path)
    {
        var random = new Random(7);
        byte[] buffer = new byte[Piece];
        await using FileStream file = File.Create(path);
        for (long offset = 0; offset < Length; offset += Piece)
        {
            random.NextBytes(buffer);
            await file.WriteAsync(buffer);
        }
    }

    private static async Task ConvertAsync(string raw, string image, DiskFormat format)
    {
        await using VirtualDisk source = await VirtualDisk.OpenFileAsync(
            raw, new VirtualDiskOptions { Format = DiskFormat.Raw });
        await DiskConverter.ConvertFileAsync(
            source, image, new VirtualDiskCreateOptions { Format = format, Length = Length });
    }
}
