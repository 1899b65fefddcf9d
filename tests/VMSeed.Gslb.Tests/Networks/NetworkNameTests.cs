using VMSeed.Gslb.Networks;

namespace VMSeed.Gslb.Tests.Networks;

public sealed class NetworkNameTests
{
    [Fact]
    public void The_same_ways_out_are_the_same_network_in_whatever_order()
    {
        Assert.Equal(NetworkName.Of(["a", "b"]), NetworkName.Of(["b", "a", "b"]));
        Assert.NotEqual(NetworkName.Of(["a", "b"]), NetworkName.Of(["a"]));
        Assert.Equal(16, NetworkName.Of(["a"]).Length);
    }

    [Fact]
    public void Without_a_way_out_there_is_one_network() =>
        Assert.Equal(NetworkName.Unknown, NetworkName.Of([]));

    [Fact]
    public void This_machine_is_in_the_same_network_each_time() =>
        Assert.Equal(NetworkName.Find(), NetworkName.Find());
}
