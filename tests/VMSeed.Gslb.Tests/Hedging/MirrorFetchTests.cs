using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Tests.Hedging;

public sealed class MirrorFetchTests
{
    private readonly MirrorSelector _selector = new(
        [
            new Mirror(new Uri("http://a.example/")),
            new Mirror(new Uri("http://b.example/")),
        ],
        new FakeTimeProvider(),
        new Random(1).NextDouble);

    [Fact]
    public void A_fetch_that_succeeds_takes_one_attempt()
    {
        MirrorFetch fetch = _selector.Begin(new FetchRequest(1, 65_536, FetchClass.Demand));
        FetchAction send = fetch.Next(0);
        Assert.Equal(FetchActionKind.Send, send.Kind);
        fetch.OnHead(send.Attempt!, 20);
        fetch.OnBytes(send.Attempt!, 65_536, 30);
        fetch.OnEnded(send.Attempt!, AttemptOutcome.Delivered, 30);
        Assert.Equal(new FetchAction(FetchActionKind.Succeed, send.Attempt), fetch.Next(30));
        Assert.Single(fetch.Attempts);
    }

    [Fact]
    public void An_attempt_that_fails_is_followed_by_one_at_another_site()
    {
        MirrorFetch fetch = _selector.Begin(new FetchRequest(1, 65_536, FetchClass.Demand));
        FetchAction first = fetch.Next(0);
        fetch.OnEnded(first.Attempt!, AttemptOutcome.Broken, 5);
        FetchAction second = fetch.Next(5);
        Assert.Equal(FetchActionKind.Send, second.Kind);
        Assert.NotSame(first.Attempt!.Site, second.Attempt!.Site);
    }

    [Fact]
    public void Where_all_are_quarantined_for_longer_a_fetch_fails_at_once()
    {
        foreach (Site site in _selector.Desk.Sites)
        {
            site.Health.Condemn(0);
        }

        MirrorFetch fetch = _selector.Begin(new FetchRequest(1, 65_536, FetchClass.Demand));
        Assert.Equal(new FetchAction(FetchActionKind.Fail, null), fetch.Next(0));
    }

    [Fact]
    public void A_quarantine_that_ends_in_time_is_waited_for()
    {
        foreach (Site site in _selector.Desk.Sites)
        {
            site.Health.Recall(20_000);
        }

        MirrorFetch fetch = _selector.Begin(new FetchRequest(1, 65_536, FetchClass.Demand));
        Assert.Equal(FetchActionKind.Wait, fetch.Next(0).Kind);
        Assert.Equal(FetchActionKind.Send, fetch.Next(20_000).Kind);
    }

    [Fact]
    public void A_search_asks_four_at_once_and_gives_the_others_up_when_one_has_it()
    {
        MirrorSelector selector = new(
            [.. Enumerable.Range(0, 13).Select(x => new Mirror(new Uri($"http://m{x}.example/")))],
            new FakeTimeProvider(),
            new Random(1).NextDouble);
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, 65_536, FetchClass.Demand));
        for (int lacking = 0; lacking < 3; lacking++)
        {
            FetchAction one = fetch.Next(lacking);
            Assert.Equal(FetchActionKind.Send, one.Kind);
            Assert.Equal(FetchActionKind.Wait, fetch.Next(lacking).Kind);
            fetch.OnEnded(one.Attempt!, AttemptOutcome.Missing, lacking);
        }

        Attempt[] wide = [.. Enumerable.Range(0, 4).Select(_ => fetch.Next(3).Attempt!)];
        Assert.Equal(FetchActionKind.Wait, fetch.Next(3).Kind);
        fetch.OnEnded(wide[1], AttemptOutcome.Missing, 4);
        Assert.Equal(FetchActionKind.Send, fetch.Next(4).Kind);
        fetch.OnHead(wide[0], 5);
        fetch.OnEnded(wide[0], AttemptOutcome.Delivered, 5);
        for (int overtaken = 0; overtaken < 3; overtaken++)
        {
            Assert.Equal(FetchActionKind.Cancel, fetch.Next(5).Kind);
        }

        Assert.Equal(new FetchAction(FetchActionKind.Succeed, wide[0]), fetch.Next(5));
    }
}
