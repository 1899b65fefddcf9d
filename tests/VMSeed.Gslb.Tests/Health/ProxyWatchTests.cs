using VMSeed.Gslb.Health;

namespace VMSeed.Gslb.Tests.Health;

public sealed class ProxyWatchTests
{
    private readonly ProxyWatch _watch = new();

    [Fact]
    public void A_proxy_that_answers_for_all_is_no_mirrors_fault()
    {
        for (int request = 0; request < 10; request++)
        {
            Assert.True(_watch.TakeProxied(request % 3));
        }

        Assert.True(_watch.IsOn);
    }

    [Fact]
    public void One_that_answers_for_a_single_mirror_while_another_delivers_is_that_mirrors()
    {
        Assert.True(_watch.TakeProxied(0));
        _watch.TakeRight(1);
        Assert.False(_watch.IsOn);
        Assert.False(_watch.TakeProxied(0));
        Assert.True(_watch.TakeProxied(2));
    }

    [Fact]
    public void A_mirror_that_has_delivered_since_begins_anew()
    {
        _watch.TakeProxied(0);
        _watch.TakeRight(1);
        _watch.TakeRight(0);
        Assert.True(_watch.TakeProxied(0));
    }
}
