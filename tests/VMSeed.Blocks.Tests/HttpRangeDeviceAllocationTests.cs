using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

/// <summary>A read of what is local allocates nothing and completes at once.</summary>
public sealed class HttpRangeDeviceAllocationTests
{
    private const int Reads = 10_000;

    [Theory]
    [InlineData(1, 512)]
    [InlineData(1, 4096)]
    [InlineData(60_000, 64 * 1024)]
    public async Task From_memory(int offset, int length)
    {
        await using var file = new ServedFile();
        await using HttpRangeDevice device = await file.OpenAsync();
        await MeasureAsync(file, device, offset, length);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(60_000, 64 * 1024)]
    public async Task From_the_cache(int offset, int length)
    {
        using var cache = new TempFolder();
        await using var file = new ServedFile();
        HttpRangeOptions Adapt(HttpRangeOptions options) =>
            options with { CacheDirectory = cache.Root, MemoryCacheSize = 0 };
        await using (HttpRangeDevice first = await file.OpenAsync(Adapt))
        {
            await file.CheckAsync(first, 0, file.Content.Length);
        }

        // The second finds all in the cache; the first may still be putting it there.
        await using HttpRangeDevice device = await file.OpenAsync(Adapt);
        await MeasureAsync(file, device, offset, length);
    }

    private static async Task MeasureAsync(
        ServedFile file, HttpRangeDevice device, int offset, int length)
    {
        await file.CheckAsync(device, 0, file.Content.Length);
        byte[] buffer = new byte[length];
        int count = Reads * 4096 / Math.Max(length, 4096);
        Assert.Equal(
            0, Allocations.Measure(() => device.ReadAsync(offset, buffer, default), count));
        Assert.True(file.Content.AsSpan(offset, length).SequenceEqual(buffer));
    }
}
