using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Tests.CommandLine;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("4K", 4096)]
    [InlineData("4k", 4096)]
    [InlineData("1M", 1 << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("7E", 7L << 60)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out long parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("-1")]
    [InlineData("4KB")]
    [InlineData("4iB")]
    [InlineData("1Q")]
    [InlineData("0.3")]
    [InlineData("9E")]
    [InlineData("1e3")]
    [InlineData("4 K")]
    public void What_is_no_size_is_not_read(string text) =>
        Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(65536, "64 KiB")]
    [InlineData(1509949, "1.44 MiB")]
    [InlineData(2L << 40, "2 TiB")]
    public void Sizes_are_told(long bytes, string text) =>
        Assert.Equal(text, ByteSize.Format(bytes));
}
