using System.Net.Http.Headers;
using VMSeed.Blocks.Sources.Http;

namespace VMSeed.Blocks.Tests.Sources.Http;

public sealed class ContentRangeTests
{
    [Theory]
    [InlineData("bytes 0-0/1", 0, 0, 1)]
    [InlineData("Bytes 5-9/10", 5, 9, 10)]
    [InlineData("bytes 5-9/*", 5, 9, -1)]
    [InlineData("bytes */10", -1, -1, 10)]
    [InlineData("bytes 0-0/9223372036854775807", 0, 0, long.MaxValue)]
    public void What_the_standard_allows_is_read(string text, long first, long last, long total)
    {
        Assert.True(ContentRange.TryParse(text, out ContentRange range));
        Assert.Equal(new ContentRange(first, last, total), range);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes ")]
    [InlineData("bytes /")]
    [InlineData("bytes */*")]
    [InlineData("bytes 5-4/10")]
    [InlineData("bytes 5-10/10")]
    [InlineData("bytes -5-9/10")]
    [InlineData("bytes +5-9/10")]
    [InlineData("bytes 5 -9/10")]
    [InlineData("bytes 5-9/10, bytes 5-9/10")]
    [InlineData("bytes=5-9/10")]
    [InlineData("octets 5-9/10")]
    [InlineData("bytes 0-9223372036854775808/*")]
    [InlineData("bytes ٥-٩/*")]
    public void Anything_else_is_not(string text) =>
        Assert.False(ContentRange.TryParse(text, out _));

    [Fact]
    public void What_it_reads_the_platform_reads_alike()
    {
        Random random = new(3);
        const string alphabet = "0123456789-/* bytes";
        int read = 0;
        for (int i = 0; i < 100_000; i++)
        {
            (int first, int last, int total) = (random.Next(20), random.Next(20), random.Next(40));
            char[] text = $"bytes {first}-{last}/{total}".ToCharArray();
            for (int changes = random.Next(3); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            if (!ContentRange.TryParse(text, out ContentRange range))
            {
                continue;
            }

            read++;
            ContentRangeHeaderValue oracle = ContentRangeHeaderValue.Parse(new string(text));
            Assert.Equal(
                (range.First, range.Last, range.Total),
                (oracle.From ?? -1, oracle.To ?? -1, oracle.Length ?? -1));
        }

        Assert.InRange(read, 10_000, 100_000);
    }
}
