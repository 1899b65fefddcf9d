using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

/// <summary>Cached blocks whose bytes change under the disk are found, dropped and fetched
/// again.</summary>
public sealed class LazyDiskHealTests
{
    private const int BlockSize = 16 * 1024;

    [Fact]
    public async Task A_bit_that_flipped_while_the_disk_was_closed_is_healed_by_its_first_read()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        using TempFolder cache = new();
        (byte[] expected, long offset) = FirstNoise(repository);
        await using (LazyDisk disk = await OpenAsync(repository, cache, verifyAlways: false))
        {
            Assert.Equal(expected, await ReadAsync(disk, offset));
        }

        FlipBit(cache, expected);
        await using LazyDisk again = await OpenAsync(repository, cache, verifyAlways: false);
        Assert.Equal(expected, await ReadAsync(again, offset));
        Assert.Equal(1, again.Statistics.Heals);
    }

    [Fact]
    public async Task A_bit_that_flips_later_is_healed_by_a_disk_that_verifies_always()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        using TempFolder cache = new();
        (byte[] expected, long offset) = FirstNoise(repository);
        await using LazyDisk disk = await OpenAsync(repository, cache, verifyAlways: true);
        Assert.Equal(expected, await ReadAsync(disk, offset));
        await disk.PrefetchAsync(
            0, disk.Length, null, TestContext.Current.CancellationToken);
        long requests = disk.Statistics.Requests;
        Assert.Equal(expected, await ReadAsync(disk, offset));
        Assert.Equal(requests, disk.Statistics.Requests);
        FlipBit(cache, expected);
        Assert.Equal(expected, await ReadAsync(disk, offset));
        Assert.Equal(1, disk.Statistics.Heals);
    }

    private static Task<LazyDisk> OpenAsync(
        TestRepository repository, TempFolder cache, bool verifyAlways) =>
        repository.OpenAsync(adapt: options => options with
        {
            CacheDirectory = cache.Root,
            MemoryCacheSize = 0,
            ReadAhead = false,
            VerifyAlways = verifyAlways,
        });

    private static async Task<byte[]> ReadAsync(LazyDisk disk, long offset)
    {
        byte[] buffer = new byte[BlockSize];
        await disk.ReadAsync(offset, buffer, TestContext.Current.CancellationToken);
        return buffer;
    }

    // A block that no other equals, so that its place in the store can be found by its bytes.
    private static (byte[] Block, long Offset) FirstNoise(TestRepository repository)
    {
        byte[] disk = repository.DiskBytes;
        for (int offset = 0; ; offset += BlockSize)
        {
            ReadOnlySpan<byte> block = disk.AsSpan(offset, BlockSize);
            bool isNoise = block[..256].ToArray().Distinct().Count() > 120;
            if (isNoise && disk.AsSpan(offset + BlockSize).IndexOf(block[..64]) < 0)
            {
                return (block.ToArray(), offset);
            }
        }
    }

    private static void FlipBit(TempFolder cache, byte[] block)
    {
        int found = 0;
        foreach (string path in Directory.EnumerateFiles(cache.Root))
        {
            using var file = File.OpenHandle(
                path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            byte[] head = new byte[64];

            // The store is sparse, and these few megabytes lie at its beginning.
            long end = Math.Min(RandomAccess.GetLength(file), 64L * 1024 * 1024);
            for (long offset = 0; offset < end; offset += 4096)
            {
                RandomAccess.Read(file, head, offset);
                if (head.AsSpan().SequenceEqual(block.AsSpan(0, head.Length)))
                {
                    RandomAccess.Write(file, [(byte)(head[7] ^ 1)], offset + 7);
                    found++;
                }
            }
        }

        Assert.Equal(1, found);
    }
}
