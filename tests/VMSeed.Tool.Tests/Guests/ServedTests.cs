namespace VMSeed.Tool.Tests.Guests;

public sealed class ServedTests
{
    private const string Pack = "/objects/aa/pack";

    private static readonly ServedRange[] _fetched =
    [
        new(Pack, 1000, 2000), new(Pack, 50_000, 90_000),
    ];

    [Theory]
    [InlineData("bytes=1000-1999", 1)] // alone
    [InlineData("bytes=1000-2999", 1)] // at the beginning
    [InlineData("bytes=0-1999", 1)] // at the end
    [InlineData("bytes=40000-99999", 1)] // longer than what is taken along
    [InlineData("bytes=0-99999", 1)]
    [InlineData("bytes=0-2999", 0)] // taken along
    [InlineData("bytes=2000-2999", 0)]
    public void A_frame_that_is_asked_for_again_is_seen(string range, int again)
    {
        ServedRange request = ServedRange.Of(["1", "206", "0", range, Pack]);
        Assert.Equal(again, new Served([request], 0).AskedAgain(_fetched).Count());
        ServedRange other = request with { Path = "/objects/aa/other" };
        Assert.Empty(new Served([other], 0).AskedAgain(_fetched));
    }
}
