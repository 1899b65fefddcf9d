using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Publishing;

namespace VMSeed.Benchmarks;

/// <summary>A raw file, the same file published, and a cache that holds all of it.</summary>
internal sealed class PublishedDisk : IAsyncDisposable
{
    /// <summary>Larger than the memory tier many times over, small enough for any page
    /// cache.</summary>
    public const long Length = 256L * 1024 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmseed-bench-");

    private PublishedDisk()
    {
    }

    public string RawPath => Path.Combine(_folder.FullName, "disk.raw");

    private string Repository => Path.Combine(_folder.FullName, "www");

    /// <summary>Makes the file and publishes it.</summary>
    public static async Task<PublishedDisk> CreateAsync()
    {
        var disk = new PublishedDisk();
        var random = new Random(1);
        byte[] half = new byte[1024 * 1024];
        await using (FileStream file = File.Create(disk.RawPath))
        {
            for (long done = 0; done < Length; done += half.Length)
            {
                // Half noise, half text: compresses to some 60 %, like binaries.
                random.NextBytes(half.AsSpan(0, half.Length / 2));
                half.AsSpan(half.Length / 2).Fill((byte)random.Next('a', 'z'));
                await file.WriteAsync(half);
            }
        }

        await using FileBlockDevice source = FileBlockDevice.Open(disk.RawPath);
        await ImagePublisher.PublishAsync(
            source,
            new PublishOptions
            {
                RepositoryPath = disk.Repository,
                Name = "disk",
                Keys = [],
                AllowUnsigned = true,
            });
        return disk;
    }

    /// <summary>Opens the published disk and reads all of it once, so that it is cached.</summary>
    public async Task<LazyDisk> OpenCachedAsync(long memoryCacheSize)
    {
        LazyDisk disk = await LazyDisk.OpenAsync(
            Path.Combine(Repository, "images", "disk.vmseed"),
            new LazyDiskOptions
            {
                AllowUnsigned = true,
                CacheDirectory = Path.Combine(_folder.FullName, "cache"),
                StateDirectory = null,
                MemoryCacheSize = memoryCacheSize,
            });
        byte[] buffer = new byte[1024 * 1024];
        for (int pass = 0; pass < 2; pass++)
        {
            for (long offset = 0; offset < Length; offset += buffer.Length)
            {
                await disk.ReadAsync(offset, buffer);
            }
        }

        return disk;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return default;
    }
}
