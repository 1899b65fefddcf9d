using BenchmarkDotNet.Attributes;
using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Benchmarks.Caching;

/// <summary>Opening a cache of 10 GiB that is full of blocks of 64 KiB: its whole directory is
/// checked.</summary>
[MemoryDiagnoser]
public class BlockCacheOpening
{
    private const int Blocks = 10 * 1024 * 16;
    private const int Batch = 256;

    private DirectoryInfo _folder = null!;

    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("vmseed-bench-");
        await using BlockCache cache = await OpenAsync();
        CacheEntry[] batch = new CacheEntry[Batch];
        for (int i = 0; i < Blocks; i++)
        {
            // One byte each: the directory is as full, and the disk is not.
            batch[i % Batch] = new CacheEntry(Digest.Of(BitConverter.GetBytes(i)), new byte[1]);
            if (i % Batch == Batch - 1)
            {
                await cache.PutAsync(batch, default, default);
            }
        }
    }

    [GlobalCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    [Benchmark]
    public async Task OpenAndClose() => await (await OpenAsync()).DisposeAsync();

    private Task<BlockCache> OpenAsync() => BlockCache.OpenAsync(
        _folder.FullName, new BlockCacheOptions { MaxBytes = 10L << 30, MinFreeBytes = 0 });
}
