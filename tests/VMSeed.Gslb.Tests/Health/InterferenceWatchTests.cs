using VMSeed.Gslb.Health;

namespace VMSeed.Gslb.Tests.Health;

public sealed class InterferenceWatchTests
{
    private readonly InterferenceWatch _watch = new();
    private int _pardons;

    [Fact]
    public void One_host_that_is_wrong_is_to_blame() =>
        Assert.True(_watch.TakeWrong("a", 0, Pardon));

    [Fact]
    public void Two_hosts_that_are_wrong_at_once_have_one_cause_and_it_is_neither()
    {
        Assert.True(_watch.TakeWrong("a", 0, Pardon));
        Assert.False(_watch.TakeWrong("b", 9_999, Pardon));
        Assert.True(_watch.IsOn);
        Assert.Equal(1, _pardons);
    }

    [Fact]
    public void Two_hosts_with_something_right_between_them_are_both_to_blame()
    {
        Assert.True(_watch.TakeWrong("a", 0, Pardon));
        _watch.TakeRight(1);
        Assert.True(_watch.TakeWrong("b", 1, Pardon));
        Assert.Equal(0, _pardons);
    }

    [Fact]
    public void Two_hosts_that_are_wrong_at_different_times_are_both_to_blame()
    {
        Assert.True(_watch.TakeWrong("a", 0, Pardon));
        Assert.True(_watch.TakeWrong("b", 10_001, Pardon));
    }

    [Fact]
    public void Nobody_is_blamed_while_pages_come_until_something_right_does()
    {
        _watch.TakePage();
        Assert.False(_watch.TakeWrong("a", 0, Pardon));
        _watch.TakeRight(1);
        Assert.True(_watch.TakeWrong("a", 1, Pardon));
    }

    [Fact]
    public void A_verdict_that_comes_when_a_common_cause_is_over_is_still_its()
    {
        _watch.TakeWrong("a", 0, Pardon);
        _watch.TakeWrong("b", 100, Pardon);
        _watch.TakeRight(200);
        Assert.False(_watch.IsOn);
        Assert.False(_watch.TakeWrong("c", 300, Pardon));
        _watch.TakeRight(400);
        Assert.True(_watch.TakeWrong("c", 10_201, Pardon));
    }

    private void Pardon() => _pardons++;
}
