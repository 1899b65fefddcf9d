using VMSeed.Tool.CommandLine;

namespace VMSeed.Tool.Tests.CommandLine;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("5s", 5)]
    [InlineData("2m", 120)]
    [InlineData("12h", 43_200)]
    [InlineData("1d12h", 129_600)]
    [InlineData("2w", 1_209_600)]
    [InlineData("0s", 0)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan parsed));
        Assert.Equal(TimeSpan.FromSeconds(seconds), parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5x")]
    [InlineData("2000y")]
    [InlineData("99999999999d")]
    public void What_is_no_duration_is_not_read(string text) =>
        Assert.False(Duration.TryParse(text, out _));
}
