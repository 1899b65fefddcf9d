using CsCheck;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Tests.Transport.Requests;

/// <summary>Range and Content-Range: written and read.</summary>
public sealed class ByteRangesTests
{
    private static readonly Gen<(long First, long Last)> _range =
        Gen.Select(Gen.Long[0, long.MaxValue / 2], Gen.Long[0, long.MaxValue / 2])
            .Select(x => (x.Item1, x.Item1 + x.Item2));

    [Fact]
    public void What_is_written_is_read() => _range.Sample(range =>
    {
        ByteWish wish = new(range.First, range.Last);
        Assert.True(ByteWish.TryParse(wish.ToString(), out ByteWish read));
        Assert.Equal(wish, read);
        Assert.Equal(range.Last - range.First + 1, read.Length);
        Assert.True(ByteWish.TryParse($"bytes={range.First}-", out read));
        Assert.Equal(new ByteWish(range.First, -1), read);
        Assert.Equal(-1, read.Length);
    });

    [Theory]
    [InlineData("")]
    [InlineData("bytes=")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1-99999999999999999999")]
    [InlineData("lines=1-2")]
    public void What_is_no_single_range_is_none(string text) =>
        Assert.False(ByteWish.TryParse(text, out _));

    [Fact]
    public void A_part_is_read_and_its_length_may_be_unknown() => _range.Sample(range =>
    {
        BytePart known = Read($"bytes {range.First}-{range.Last}/{range.Last + 1}")!.Value;
        Assert.Equal(new BytePart(range.First, range.Last, range.Last + 1), known);
        Assert.Equal(-1, Read($"bytes {range.First}-{range.Last}/*")!.Value.Total);
    });

    [Theory]
    [InlineData("bytes */5")]
    [InlineData("bytes 0-5/5")]
    [InlineData("bytes 3-2/5")]
    [InlineData("bytes 0-1")]
    [InlineData("bytes /-5")]
    [InlineData("bytes 0-1/2, bytes 3-4/5")]
    [InlineData("items 0-1/2")]
    [InlineData("bytes -1-1/2")]
    public void A_part_that_contradicts_itself_is_none(string text) => Assert.Null(Read(text));

    [Fact]
    public void Two_fields_are_none()
    {
        using ByteArrayContent content = new([]);
        content.Headers.TryAddWithoutValidation(
            "Content-Range", (string[])["bytes 0-1/2", "bytes 0-1/2"]);
        Assert.False(BytePart.TryRead(content.Headers, out _));
    }

    [Fact]
    public void Garbage_is_refused_without_an_error() =>
        Gen.String[Gen.Char["bytes=-/*, 0123456789"], 0, 40].Sample(text =>
        {
            bool isWish = ByteWish.TryParse(text, out ByteWish wish);
            Assert.True(!isWish || wish is { First: >= 0, Length: -1 or > 0 });
            Assert.True(Read(text) is not { } part || part.First <= part.Last);
        });

    private static BytePart? Read(string text)
    {
        using ByteArrayContent content = new([]);
        content.Headers.TryAddWithoutValidation("Content-Range", text);
        return BytePart.TryRead(content.Headers, out BytePart part) ? part : null;
    }
}
