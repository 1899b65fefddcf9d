using VMSeed.Testing;

namespace VMSeed.Blocks.Tests;

public sealed class LazyDiskTests
{
    [Theory]
    [InlineData(4 * 1024)]
    [InlineData(16 * 1024)]
    [InlineData(256 * 1024)]
    public async Task Any_sequence_of_reads_equals_the_file(int blockSize)
    {
        using TestRepository repository = await TestRepository.CreateAsync(blockSize: blockSize);
        byte[] expected = repository.DiskBytes;
        await using LazyDisk disk = await repository.OpenAsync();
        Assert.Equal(expected.Length, disk.Length);
        var random = new Random(blockSize);
        byte[] buffer = new byte[300_000];
        for (int i = 0; i < 2_000; i++)
        {
            int offset = random.Next(expected.Length + 1);
            int most = i % 10 == 0 ? buffer.Length : 5_000;
            int count = random.Next(Math.Min(most, expected.Length - offset) + 1);
            await disk.ReadAsync(
                offset, buffer.AsMemory(0, count), TestContext.Current.CancellationToken);
            Assert.True(
                expected.AsSpan(offset, count).SequenceEqual(buffer.AsSpan(0, count)),
                $"The {count} bytes at {offset} differ.");
        }
    }

    [Fact]
    public async Task Many_readers_at_once_read_the_file()
    {
        using TestRepository repository = await TestRepository.CreateAsync(8 * 1024 * 1024);
        byte[] expected = repository.DiskBytes;
        await using LazyDisk disk = await repository.OpenAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 64), async (seed, cancellation) =>
        {
            var random = new Random(seed);
            byte[] buffer = new byte[100_000];
            for (int i = 0; i < 50; i++)
            {
                int offset = random.Next(expected.Length - buffer.Length);
                await disk.ReadAsync(offset, buffer, cancellation);
                Assert.True(expected.AsSpan(offset, buffer.Length).SequenceEqual(buffer));
            }
        });
    }

    [Fact]
    public async Task Subtrees_of_zeros_read_as_zeros()
    {
        using TestRepository repository = await TestRepository.CreateAsync();
        await using (FileStream file = File.OpenWrite(repository.DiskPath))
        {
            file.SetLength(200L * 1024 * 1024);
        }

        await repository.PublishAsync();
        await using LazyDisk disk = await repository.OpenAsync();
        byte[] buffer = new byte[3_000_000];
        buffer.AsSpan().Fill(1);
        await disk.ReadAsync(
            disk.Length - buffer.Length, buffer, TestContext.Current.CancellationToken);
        Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)0));
    }
}
