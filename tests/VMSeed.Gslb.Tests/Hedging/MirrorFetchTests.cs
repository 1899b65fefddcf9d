using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Tests.Hedging;

public sealed class MirrorFetchTests
{
    private const long Block = 65_536;

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
        for (int loser = 0; loser < 3; loser++)
        {
            Assert.Equal(FetchActionKind.Cancel, fetch.Next(5).Kind);
        }

        Assert.Equal(new FetchAction(FetchActionKind.Succeed, wide[0]), fetch.Next(5));
        Attempt[] overtaken =
        [
            .. fetch.Attempts.Where(attempt => attempt.Outcome == AttemptOutcome.Overtaken),
        ];
        Assert.Equal(3, overtaken.Length);
        Assert.All(overtaken, attempt => Assert.False(attempt.Site.Estimate.IsKnown));
    }

    [Fact]
    public void A_site_that_falls_silent_is_left_when_two_requests_to_it_lost_to_others()
    {
        MirrorSelector selector = Make("a", "b", "c", "d");
        LearnAll(selector);
        Attempt[] silent = [.. Enumerable.Range(0, 2).Select(_ => Lose(selector, 1_000))];
        Assert.All(silent, attempt => Assert.Same(selector.Desk.Sites[0], attempt.Site));
        Assert.NotSame(selector.Desk.Sites[0], Send(selector, 1_200).Site);

        // Its rest is over: one more loss, and it rests for longer.
        Assert.Same(selector.Desk.Sites[0], Lose(selector, 3_000).Site);
        Assert.NotSame(selector.Desk.Sites[0], Send(selector, 4_500).Site);
    }

    [Fact]
    public void Two_late_answers_that_were_on_their_way_are_no_reason_to_leave_a_site()
    {
        MirrorSelector selector = Make("a", "b", "c", "d");
        LearnAll(selector);
        Lose(selector, 1_000, received: 60_000);
        Lose(selector, 1_000, received: 60_000);
        Assert.Equal(SiteCondition.Healthy, selector.Desk.Sites[0].Health.At(1_200));
    }

    [Fact]
    public void A_hedge_that_the_budget_had_not_is_made_when_it_has()
    {
        MirrorSelector selector = Make("a", "b");
        LearnAll(selector);
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Assert.Equal(FetchActionKind.Send, fetch.Next(1_000).Kind);
        double late = fetch.Next(1_000).Due;
        while (selector.Desk.MayHedge(fetch.Request))
        {
            // Others take all there are.
        }

        FetchAction denied = fetch.Next(late);
        Assert.Equal(FetchActionKind.Wait, denied.Kind);
        Assert.InRange(denied.Due, late + 1, late + 100);
        for (int other = 0; other < 21; other++)
        {
            selector.Desk.Began();
        }

        FetchAction hedge = fetch.Next(denied.Due);
        Assert.Equal(FetchActionKind.Send, hedge.Kind);
        Assert.True(hedge.Attempt!.IsHedge);
    }

    [Fact]
    public void A_prefetch_is_hedged_when_somebody_has_come_to_wait_for_it()
    {
        MirrorSelector selector = Make("a", "b", "c");
        LearnAll(selector);
        bool isWanted = false;
        FetchRequest request = new(1, Block, FetchClass.Prefetch);
        MirrorFetch fetch = new(selector.Desk, request, 1_000) { IsWanted = () => isWanted };
        Assert.Equal(FetchActionKind.Send, fetch.Next(1_000).Kind);
        double late = fetch.Next(1_000).Due;
        FetchAction unwanted = fetch.Next(late);
        Assert.Equal(FetchActionKind.Wait, unwanted.Kind);
        Assert.InRange(unwanted.Due, late + 1, late + 100);
        isWanted = true;
        FetchAction hedge = fetch.Next(unwanted.Due);
        Assert.Equal(FetchActionKind.Send, hedge.Kind);
        Assert.True(hedge.Attempt!.IsHedge);
    }

    [Fact]
    public void An_experiment_that_somebody_waits_for_is_hedged_soon_and_teaches_all_the_same()
    {
        MirrorSelector selector = Make("near", "unknown");
        selector.Desk.Sites[0].Estimate.TakeFirstByte(10, 900);
        FetchRequest request = new(1, Block, FetchClass.Prefetch);
        MirrorFetch fetch = new(selector.Desk, request, 1_000) { IsWanted = () => true };
        Attempt experiment = fetch.Next(1_000).Attempt!;
        Assert.Same(selector.Desk.Sites[1], experiment.Site);
        fetch.OnHead(experiment, 1_010);
        fetch.OnBytes(experiment, Block / 2, 1_015);
        double late = fetch.Next(1_015).Due;
        Assert.InRange(late, 1_015, 1_050);
        Attempt hedge = fetch.Next(late).Attempt!;
        Assert.Same(selector.Desk.Sites[0], hedge.Site);
        fetch.OnEnded(hedge, AttemptOutcome.Delivered, late + 5);
        Assert.Equal(FetchActionKind.Cancel, fetch.Next(late + 5).Kind);
        Assert.Equal(10, experiment.Site.Estimate.FirstByte);
        MirrorFetch next = new(selector.Desk, request, late + 10) { IsWanted = () => true };
        Assert.Same(selector.Desk.Sites[0], next.Next(late + 10).Attempt!.Site);
    }

    [Fact]
    public void A_prefetch_that_nobody_can_wait_for_is_left_to_its_deadline()
    {
        MirrorSelector selector = Make("a", "b", "c");
        LearnAll(selector);
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Prefetch));
        Attempt attempt = fetch.Next(1_000).Attempt!;
        Assert.Equal(attempt.Deadline, fetch.Next(1_000).Due);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 30)]
    public void A_body_that_drips_is_left_whatever_is_known_of_its_line(
        bool isMeasured, int failures)
    {
        MirrorSelector selector = Make("a", "b");
        if (isMeasured)
        {
            LearnAll(selector);
            selector.Desk.Sites[0].Estimate.TakeBody(Block, 10, new Terms(0, true, 0));
            for (int failure = 0; failure < failures; failure++)
            {
                selector.Desk.Sites[0].Estimate.Punish();
                selector.Desk.Sites[1].Estimate.Punish();
            }
        }

        MirrorFetch fetch = selector.Begin(new FetchRequest(1, 1 << 20, FetchClass.Prefetch));
        Attempt attempt = fetch.Next(1_000).Attempt!;
        fetch.OnHead(attempt, 1_001);
        double now = 1_001;
        while (attempt.IsLive)
        {
            now += 100;
            fetch.OnBytes(attempt, 200, now);
            fetch.Next(now);
        }

        Assert.Equal(AttemptOutcome.TimedOut, attempt.Outcome);
        Assert.InRange(now, 1_000, 7_000);
    }

    private static MirrorSelector Make(params string[] names) => new(
        [.. names.Select(name => new Mirror(new Uri($"http://{name}.example/")))],
        new FakeTimeProvider(),
        new Random(1).NextDouble);

    // The first is near, the others are not.
    private static void LearnAll(MirrorSelector selector)
    {
        foreach (Site site in selector.Desk.Sites)
        {
            double time = site == selector.Desk.Sites[0] ? 10 : 60;
            for (int sample = 0; sample < 3; sample++)
            {
                site.Estimate.TakeConnect(time);
                site.Estimate.TakeFirstByte(time, 900);
            }
        }
    }

    private static Attempt Send(MirrorSelector selector, double now)
    {
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Attempt attempt = fetch.Next(now).Attempt!;
        fetch.Abandon(now);
        return attempt;
    }

    // A request that is late, of which so much has come when its hedge is done.
    private static Attempt Lose(MirrorSelector selector, double now, long received = 0)
    {
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Attempt first = fetch.Next(now).Attempt!;
        double late = fetch.Next(now).Due;
        Attempt hedge = fetch.Next(late).Attempt!;
        Assert.True(hedge.IsHedge);
        if (received > 0)
        {
            fetch.OnHead(first, late + 1);
            fetch.OnBytes(first, received, late + 2);
        }

        fetch.OnHead(hedge, late + 10);
        fetch.OnBytes(hedge, Block, late + 20);
        fetch.OnEnded(hedge, AttemptOutcome.Delivered, late + 20);
        Assert.Equal(new FetchAction(FetchActionKind.Cancel, first), fetch.Next(late + 20));
        return first;
    }
}
