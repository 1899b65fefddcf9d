using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;

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
}
