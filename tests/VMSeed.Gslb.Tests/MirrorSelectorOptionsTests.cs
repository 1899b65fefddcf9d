using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Tests;

public sealed class MirrorSelectorOptionsTests
{
    private static readonly FetchRequest _demand = new(1, 65_536, FetchClass.Demand);
    private static readonly FetchRequest _prefetch = new(2, 65_536, FetchClass.Prefetch);

    [Fact]
    public void The_usual_values_are_within_their_limits() =>
        Assert.Empty(FaultsOf(new MirrorSelectorOptions()));

    [Fact]
    public void Every_value_out_of_its_limits_is_named_with_them()
    {
        MirrorSelectorOptions low = new()
        {
            Deadline = TimeSpan.FromMilliseconds(999),
            MostAttempts = 0,
            HedgeShare = -0.01,
            RetryShare = double.NaN,
            ExplorationShare = -1,
            MostInFlight = 0,
        };
        Assert.Equal(
            [
                "Deadline is 0.999 s, not 1 to 600 s.",
                "MostAttempts is 0, not 1 to 10.",
                "HedgeShare is -0.01, not 0 to 0.5.",
                "RetryShare is NaN, not 0 to 1.",
                "ExplorationShare is -1, not 0 to 0.1.",
                "MostInFlight is 0, not 1 to 16.",
            ],
            FaultsOf(low));
        MirrorSelectorOptions high = new()
        {
            Deadline = TimeSpan.FromSeconds(600.1),
            MostAttempts = 11,
            HedgeShare = 0.51,
            RetryShare = 1.01,
            ExplorationShare = double.PositiveInfinity,
            MostInFlight = 17,
        };
        Assert.Equal(6, FaultsOf(high).Count);
    }

    [Fact]
    public void A_handler_names_them_beside_its_own()
    {
        MirrorHandlerOptions options = new() { ConnectTimeout = TimeSpan.Zero };
        options.Selector.HedgeShare = 2;
        string message = Assert.Throws<ArgumentException>(() => new MirrorHandler(options)).Message;
        Assert.Contains("ConnectTimeout is 0 s", message);
        Assert.Contains("HedgeShare is 2, not 0 to 0.5.", message);
    }

    [Fact]
    public void Without_a_share_nothing_is_hedged_but_the_race_for_the_head()
    {
        FetchDesk desk = Make(new() { HedgeShare = 0 }).Desk;
        for (int fetch = 0; fetch < 1_000; fetch++)
        {
            desk.Began();
        }

        Assert.False(desk.MayHedge(_demand));
        Assert.True(desk.MayHedge(_demand with { Class = FetchClass.Head }));
    }

    [Fact]
    public void Hedges_and_retries_follow_their_shares()
    {
        FetchDesk desk = Make(new() { HedgeShare = 0.5, RetryShare = 0 }).Desk;
        int hedges = 0;
        for (int fetch = 0; fetch < 1_000; fetch++)
        {
            desk.Began();
            hedges += desk.MayHedge(_demand) ? 1 : 0;
        }

        int retries = 0;
        while (desk.TryRetry(0) == 0)
        {
            retries++;
        }

        Assert.InRange(hedges, 490, 510);
        Assert.Equal(20, retries);
    }

    [Fact]
    public void A_fetch_fails_at_its_deadline()
    {
        MirrorFetch fetch = Make(new() { Deadline = TimeSpan.FromSeconds(2) }).Begin(_demand);
        Attempt attempt = fetch.Next(0).Attempt!;
        fetch.OnEnded(attempt, AttemptOutcome.Broken, 2_000);
        Assert.Equal(FetchActionKind.Fail, fetch.Next(2_000).Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_fetch_makes_so_many_attempts(int most)
    {
        MirrorFetch fetch = Make(new() { MostAttempts = most }, count: 1).Begin(_demand);
        double now = 0;
        for (FetchAction next = fetch.Next(now); next.Kind != FetchActionKind.Fail;
            next = fetch.Next(now))
        {
            if (next.Kind == FetchActionKind.Send)
            {
                fetch.OnEnded(next.Attempt!, AttemptOutcome.Broken, now);
            }
            else
            {
                now = next.Due;
            }
        }

        Assert.Equal(most, fetch.Attempts.Count);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0.1, 800, 1_200)]
    public void Exploration_follows_its_share(double share, int least, int most)
    {
        MirrorSelector selector = Make(new() { ExplorationShare = share });
        foreach (Site site in selector.Desk.Sites)
        {
            site.Estimate.TakeFirstByte(10, 0);
        }

        int explored = 0;
        for (int request = 0; request < 10_000; request++)
        {
            selector.Desk.TryChoose(_prefetch, default, 31_000, out SiteChoice choice);
            explored += choice.Reason == ChoiceReason.Exploration ? 1 : 0;
        }

        Assert.InRange(explored, least, most);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(16)]
    public void A_mirror_is_never_given_more_at_once(int most)
    {
        Site site = Make(new() { MostInFlight = most }).Desk.Sites[0];
        Assert.InRange(site.Limit.Value, 1, most);
        for (int success = 0; success < 1_000; success++)
        {
            site.Limit.Succeed(site.Limit.Value, 10, 10);
        }

        Assert.Equal(most, site.Limit.Value);
    }

    private static List<string> FaultsOf(MirrorSelectorOptions options)
    {
        List<string> faults = [];
        options.Check(faults);
        return faults;
    }

    private static MirrorSelector Make(MirrorSelectorOptions options, int count = 2) => new(
        [
            .. Enumerable.Range(0, count)
                .Select(index => new Mirror(new Uri($"http://m{index}.example/"))),
        ],
        new FakeTimeProvider(),
        new Random(1).NextDouble,
        options: options);
}
