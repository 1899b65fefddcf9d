using CsCheck;
using VMSeed.ImageBuilder.Boot.Kernels;

namespace VMSeed.ImageBuilder.Tests.Boot.Kernels;

/// <summary>Releases in the order of their age.</summary>
public sealed class VersionOrderTests
{
    [Theory]
    [InlineData("6.9.0", "6.10.0")]
    [InlineData("6.1.0-9-amd64", "6.1.0-10-amd64")]
    [InlineData("5.15.0-101-generic", "5.15.0-1001-generic")]
    [InlineData("6.1", "6.1.1")]
    [InlineData("6.8.5-301.fc40.x86_64", "6.11.4-201.fc40.x86_64")]
    [InlineData("6.1.0-10-amd64", "6.1.0-10-cloud-amd64")]
    public void The_older_comes_first(string older, string newer)
    {
        Assert.True(VersionOrder.Instance.Compare(older, newer) < 0);
        Assert.True(VersionOrder.Instance.Compare(newer, older) > 0);
    }

    [Fact]
    public void It_is_an_order()
    {
        string[] parts = ["0", "1", "01", "9", "10", ".", "-", "a"];
        Gen<string> releases = Gen.Int[0, parts.Length - 1].Array[0, 6]
            .Select(numbers => string.Concat(numbers.Select(number => parts[number])));
        Gen.Select(releases, releases, releases).Sample((a, b, c) =>
        {
            VersionOrder order = VersionOrder.Instance;
            Assert.Equal(Math.Sign(order.Compare(a, b)), -Math.Sign(order.Compare(b, a)));
            Assert.True(
                order.Compare(a, b) > 0 || order.Compare(b, c) > 0 || order.Compare(a, c) <= 0);
        });
    }
}
