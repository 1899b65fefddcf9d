using VMSeed.Blocks.Publishing;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Publishing;

public sealed class ImagePublisherTests
{
    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(4095, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(3_158_073, 16384)]
    [InlineData(9_000_001, 65536)]
    [InlineData(5_000_000, 1048576)]
    public async Task Publishes_every_byte_of_the_disk(long length, int blockSize)
    {
        using TestRepository repository =
            await TestRepository.CreateAsync(length, blockSize, isSigned: true);
        var image = new PublishedImage(repository.Root, repository.HeadName);
        Assert.Equal(repository.DiskBytes, image.ReadAll());
        Assert.Equal(1, image.Head.Version);
        Assert.Equal(
            (length + blockSize - 1) / blockSize,
            image.Head.Content.DataBlocks + image.Head.Content.ZeroBlocks);
    }

    [Fact]
    public async Task Publishing_the_same_again_makes_no_version_unless_forced()
    {
        using TestRepository repository = await TestRepository.CreateAsync(isSigned: true);
        PublishResult again = await repository.PublishAsync();
        Assert.True(again.IsUnchanged);
        Assert.Equal(1, again.Version);

        PublishResult forced = await repository.PublishAsync(adapt: o => o with { Force = true });
        Assert.False(forced.IsUnchanged);
        Assert.Equal(2, forced.Version);
    }
}
