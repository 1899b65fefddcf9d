using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Mirrors.Lists;

namespace VMSeed.Gslb.Tests.Mirrors.Lists;

public sealed class MirrorLinksTests
{
    private static readonly Uri _base = new("https://www.example.com/vm/images/debian.vmseed");

    [Fact]
    public void The_fields_of_the_specification_are_read()
    {
        IReadOnlyList<Mirror> mirrors = Parse(
            "<http://www2.example.com/example.ext>; rel=duplicate; pri=2; geo=gb; depth=1",
            "<ftp://ftp.example.com/example.ext>; rel=duplicate",
            "<http://example.com/example.ext.torrent>; rel=describedby; "
                + "type=\"application/x-bittorrent\"",
            "<http://example.com/example.ext.asc>; rel=describedby; "
                + "type=\"application/pgp-signature\", </other>;rel=\"next DUPLICATE\";pri=1 , ,");
        Assert.Equal(
            [
                new Mirror(new Uri("https://www.example.com/other")) { Priority = 1 },
                new Mirror(new Uri("http://www2.example.com/example.ext"))
                {
                    Priority = 2,
                    Location = "gb",
                },
            ],
            mirrors);
    }

    [Fact]
    public void Quotes_hide_what_separates_and_the_first_of_two_counts()
    {
        Mirror mirror = Assert.Single(Parse(
            "<http://a.example/f,;>; title=\"a, b; \\\"c\\\"\"; rel=\"duplicate\"; rel=next;"
            + " x; y= z; geo=de; geo=fr;"));
        Assert.Equal("http://a.example/f,;", mirror.Address.AbsoluteUri);
        Assert.Equal("de", mirror.Location);
    }

    [Theory]
    [InlineData("http://a.example/f; rel=duplicate", "'<'")]
    [InlineData("<http://a.example/f", "'>'")]
    [InlineData("<http://a.example/f> rel=duplicate", "comma")]
    [InlineData("<http://a.example/f>; rel=\"duplicate", "closing quote")]
    [InlineData("<http://a.example/f>; rel=\"duplicate\\", "behind '\\'")]
    [InlineData("<http://a.example/f>; =duplicate", "name or a value")]
    [InlineData("<http://a.example/f>; rel=", "name or a value")]
    [InlineData("<http://a.example/f>; rel=duplicate <http://b.example/f>", "comma")]
    [InlineData("<http://a.example/f>; rel=duplicate; pri=0", "priority")]
    [InlineData("<http://a.example/f>; rel=duplicate; pri=9999999", "priority")]
    [InlineData("<http://a.example/f>; rel=duplicate; geo=x1", "two letters")]
    public void What_breaks_the_grammar_is_told(string field, string saying)
    {
        FormatException fault = Assert.Throws<FormatException>(() => Parse(field));
        Assert.Contains(saying, fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("<mailto:a@example.com>; rel=duplicate")]
    [InlineData("<http://user@a.example/>; rel=duplicate")]
    [InlineData("<http://a.example/>")]
    [InlineData("<http://a.example/>; rel=duplicates; pri=x; geo=nowhere")]
    public void What_is_no_duplicate_is_passed_over(string field) => Assert.Empty(Parse(field));

    [Fact]
    public void Too_much_is_refused()
    {
        Assert.Throws<FormatException>(() => Parse(new string(' ', 70_000)));
        Assert.Throws<FormatException>(
            () => Parse(string.Join(',', Enumerable.Repeat("<a>;rel=duplicate", 1001))));
        Assert.Throws<FormatException>(
            () => Parse("<a>" + string.Concat(Enumerable.Repeat(";a=b", 40))));
    }

    private static IReadOnlyList<Mirror> Parse(params string[] fields) =>
        MirrorLinks.Parse(fields, _base);
}
