using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

/// <summary>A read of what is local allocates nothing and completes at once.</summary>
public sealed class LazyDiskAllocationTests
{
    private const int Reads = 10_000;

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(60_000, 64 * 1024)]
    [InlineData(0, 1024 * 1024)]
    public async Task From_memory(int offset, int length)
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        await MeasureAsync(image, disk, offset, length);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(0, 65_536)]
    [InlineData(60_000, 64 * 1024)]
    public async Task From_the_cache(int offset, int length)
    {
        using var cache = new TempFolder();
        await using ServedImage image = await ServedImage.CreateAsync();
        LazyDiskOptions Adapt(LazyDiskOptions options) =>
            options with { CacheDirectory = cache.Root, MemoryCacheSize = 0 };
        await using (LazyDisk first = await image.OpenAsync(Adapt))
        {
            await image.CheckAsync(first, 0, image.Content.Length);
        }

        // The second finds all in the cache; the first may still be putting it there.
        await using LazyDisk disk = await image.OpenAsync(Adapt);
        await MeasureAsync(image, disk, offset, length);
    }

    private static async Task MeasureAsync(
        ServedImage image, LazyDisk disk, int offset, int length)
    {
        await image.CheckAsync(disk, 0, image.Content.Length);
        byte[] buffer = new byte[length];
        int count = Reads * 4096 / Math.Max(length, 4096);
        Assert.Equal(
            0, Allocations.Measure(() => disk.ReadAsync(offset, buffer, default), count));
        Assert.True(image.Content.AsSpan(offset, length).SequenceEqual(buffer));
    }
}
