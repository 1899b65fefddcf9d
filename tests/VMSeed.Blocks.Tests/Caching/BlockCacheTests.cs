using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Caching;

public sealed class BlockCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmseed-cache-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_put_is_read_and_survives_a_reopening(bool compress)
    {
        byte[][] blocks = [.. Enumerable.Range(0, 40).Select(i => Block(i, i % 3 == 0 ? 65536 : 5000 + i))];
        BlockCacheOptions options = new() { MaxBytes = 64 << 20, Compress = compress, MinFreeBytes = 0 };
        await using (BlockCache cache = await BlockCache.OpenAsync(_folder.FullName, options, null, Cancel))
        {
            await cache.PutAsync(Entries(blocks), default, Cancel);
            await AssertHoldsAsync(cache, blocks);
        }

        await using BlockCache again = await BlockCache.OpenAsync(_folder.FullName, options, null, Cancel);
        await AssertHoldsAsync(again, blocks);
        Assert.Equal(blocks.Length, (await again.GetStatisticsAsync(Cancel)).Blocks);
    }

    private static async Task AssertHoldsAsync(BlockCache cache, byte[][] blocks)
    {
        foreach (byte[] block in blocks)
        {
            BlockPlace place = await cache.FindAsync(Digest.Of(block), block.Length, Cancel);
            Assert.True(place.Exists);
            byte[] read = new byte[block.Length];
            Assert.True(await cache.ReadAsync(place, 0, read, Cancel));
            Assert.Equal(block, read);
            Assert.True(await cache.ReadAsync(place, 100, read.AsMemory(0, 1000), Cancel));
            Assert.Equal(block.AsSpan(100, 1000), read.AsSpan(0, 1000));
        }
    }

    private static CacheEntry[] Entries(byte[][] blocks) =>
        [.. blocks.Select(block => new CacheEntry(Digest.Of(block), block))];

    private static byte[] Block(int seed, int length)
    {
        byte[] block = new byte[length];
        new Random(seed).NextBytes(block.AsSpan(0, length / 2));
        return block;
    }
}
