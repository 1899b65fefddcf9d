using CsCheck;
using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Tests;

public sealed class MirrorSelectorTests
{
    private const long Block = 65_536;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly AttemptOutcome[] _fruitless =
    [
        AttemptOutcome.Broken, AttemptOutcome.TimedOut, AttemptOutcome.ServerError,
        AttemptOutcome.Busy, AttemptOutcome.Missing, AttemptOutcome.Stale,
        AttemptOutcome.Malformed, AttemptOutcome.Page, AttemptOutcome.Corrupt,
        AttemptOutcome.Suspect,
    ];

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_snapshot_tells_what_each_mirror_did()
    {
        MirrorSelector selector = Make("a", "b");
        for (int fetch = 0; fetch < 3; fetch++)
        {
            Deliver(selector, "a", 20);
        }

        End(selector, "b", AttemptOutcome.Broken);
        IReadOnlyList<MirrorStatus> rows = selector.Snapshot();
        Assert.Equal([Address("a"), Address("b")], rows.Select(row => row.Address));
        Assert.Equal((3, 0.75, 3 * Block), (rows[0].Requests, rows[0].Share, rows[0].Bytes));
        Assert.Equal(TimeSpan.FromMilliseconds(20), rows[0].FirstByte);
        Assert.True(rows[0].Throughput > 0);
        Assert.Equal(default, rows[0].FailuresByKind);
        Assert.Equal((1, 0.25, 1), (rows[1].Requests, rows[1].Share, rows[1].Failures));
        Assert.Null(rows[1].FirstByte);
    }

    [Fact]
    public void Before_the_first_request_nobody_has_a_share() =>
        Assert.All(Make("a", "b").Snapshot(), row => Assert.Equal(0, row.Share));

    [Fact]
    public void Every_end_that_brought_nothing_has_a_kind_and_is_counted_once()
    {
        MirrorSelector selector = Make("a");
        Site site = selector.Desk.Sites[0];
        int expected = 0;
        foreach (AttemptOutcome outcome in _fruitless)
        {
            // Different numbers, so that kinds that are mixed up are seen.
            site.Ends[(int)outcome] = ++expected;
        }

        site.Ends[(int)AttemptOutcome.Delivered] = 1_000;
        site.Ends[(int)AttemptOutcome.Overtaken] = 1_000;
        site.Ends[(int)AttemptOutcome.Abandoned] = 1_000;
        MirrorStatus row = selector.Snapshot()[0];
        Assert.Equal(
            new MirrorFailures
            {
                Broken = 1,
                TimedOut = 2,
                ServerErrors = 3,
                Busy = 4,
                Missing = 5,
                Stale = 6,
                Malformed = 7,
                Pages = 8,
                Corrupt = 9,
                Suspect = 10,
            },
            row.FailuresByKind);
        Assert.Equal((13, 11, 9), (row.Failures, row.Missing, row.Corrupt));
    }

    [Fact]
    public void Of_mirrors_that_stay_all_is_kept()
    {
        MirrorSelector selector = Make("a", "b", "c");
        Deliver(selector, "b", 30);
        Deliver(selector, "c", 60);
        End(selector, "a", AttemptOutcome.Corrupt);
        MirrorStatus[] before = [.. selector.Snapshot()];
        selector.SetMirrors(Mirrors("d", "c", "a"));
        IReadOnlyList<MirrorStatus> after = selector.Snapshot();
        Assert.Equal(
            [Address("d"), Address("c"), Address("a")], after.Select(row => row.Address));
        Assert.Equal(before[2], after[1] with { Share = before[2].Share });
        Assert.Equal(SiteCondition.Quarantined, after[2].Condition);
        Assert.Equal((0, null), (after[0].Requests, after[0].FirstByte));
        Assert.Equal(0.5, after[1].Share);
    }

    [Fact]
    public void A_mirror_that_is_gone_is_not_asked_and_may_still_deliver()
    {
        MirrorSelector selector = Make("a", "b");
        Deliver(selector, "a", 10);
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Attempt gone = fetch.Next(0).Attempt!;
        Assert.Equal(Address("a"), gone.Site.Mirror.Address);
        selector.SetMirrors(Mirrors("c", "b"));
        Assert.DoesNotContain(selector.Snapshot(), row => row.IsPreferred);
        fetch.OnHead(gone, 10);
        fetch.OnBytes(gone, Block, 20);
        fetch.OnEnded(gone, AttemptOutcome.Delivered, 20);
        Assert.Equal(new FetchAction(FetchActionKind.Succeed, gone), fetch.Next(20));
        for (int request = 0; request < 20; request++)
        {
            Assert.NotEqual(Address("a"), AskedBy(selector));
        }
    }

    [Fact]
    public void A_fetch_that_runs_asks_mirrors_that_are_new()
    {
        MirrorSelector selector = Make("a");
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Attempt first = fetch.Next(0).Attempt!;
        selector.SetMirrors(Mirrors("a", "b"));
        fetch.OnEnded(first, AttemptOutcome.Broken, 5);
        Assert.Equal(Address("b"), fetch.Next(5).Attempt!.Site.Mirror.Address);
    }

    [Fact]
    public void Whatever_lists_follow_each_other_sites_are_told_apart_and_kept() =>
        Gen.Int[0, 199].HashSet[1, MirrorSelector.MostMirrors].Array[1, 12].Sample(lists =>
        {
            MirrorSelector selector = Make("first");
            foreach (HashSet<int> list in lists)
            {
                Site[] before = [.. selector.Desk.Sites];
                string[] names = [.. list.Select(number => $"m{number}")];
                selector.SetMirrors(Mirrors(names));
                IReadOnlyList<Site> after = selector.Desk.Sites;
                Assert.Equal(names.Select(Address), after.Select(site => site.Mirror.Address));
                Assert.Equal(after.Count, after.Select(site => site.Index).Distinct().Count());
                Assert.All(after, site => Assert.InRange(site.Index, 0, SiteSet.Capacity - 1));
                Assert.All(
                    before.Where(site => list.Contains(NumberOf(site))),
                    site => Assert.Contains(site, after));
            }
        });

    [Fact]
    public void A_list_that_is_wrong_is_refused_whole_and_all_its_faults_are_named()
    {
        MirrorSelector selector = Make("a");
        string message = Assert.Throws<ArgumentException>(() => selector.SetMirrors(
        [
            new Mirror(new Uri("ftp://x.example/")),
            new Mirror(new Uri("pub/y", UriKind.Relative)),
            new Mirror(new Uri("http://z.example/pub")),
            new Mirror(new Uri("http://z.example/pub/")),
        ])).Message;
        Assert.Contains("ftp://x.example/", message);
        Assert.Contains("pub/y", message);
        Assert.Contains("http://z.example/pub/ is named 2 times", message);
        Assert.Contains(
            "101 mirrors",
            Assert.Throws<ArgumentException>(() => selector.SetMirrors(
                Mirrors([.. Enumerable.Range(0, 101).Select(x => $"m{x}")]))).Message);
        Assert.Contains(
            "0 mirrors", Assert.Throws<ArgumentException>(() => selector.SetMirrors([])).Message);
        Assert.Equal([Address("a")], selector.Snapshot().Select(row => row.Address));
    }

    [Fact]
    public async Task Lists_change_while_requests_run()
    {
        MirrorSelector selector = Make("m0", "m1");
        using CancellationTokenSource end = new();
        Task change = Task.Run(
            () =>
            {
                for (int turn = 0; turn < 500; turn++)
                {
                    selector.SetMirrors(Mirrors($"m{turn % 7}", $"m{7 + (turn % 11)}", "m99"));
                }

                end.Cancel();
            },
            Token);
        int[] failures = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(
            () =>
            {
                int failed = 0;
                while (!end.IsCancellationRequested)
                {
                    failed += TryDeliver(selector) ? 0 : 1;
                    Assert.InRange(selector.Snapshot().Count, 2, 3);
                }

                return failed;
            },
            Token)));
        await change;
        Assert.Equal(0, failures.Sum());
        Assert.All(selector.Snapshot(), row => Assert.Equal(0, row.InFlight));
    }

    private MirrorSelector Make(params string[] names) =>
        new(Mirrors(names), _time, new Random(1).NextDouble);

    private static Mirror[] Mirrors(params string[] names) =>
        [.. names.Select(name => new Mirror(Address(name)))];

    private static Uri Address(string name) => new($"http://{name}.example/pub/");

    private static int NumberOf(Site site) =>
        int.TryParse(site.Mirror.Address.Host.Split('.')[0][1..], out int number) ? number : -1;

    private static Uri AskedBy(MirrorSelector selector)
    {
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        Attempt attempt = fetch.Next(0).Attempt!;
        fetch.OnEnded(attempt, AttemptOutcome.Abandoned, 0);
        return attempt.Site.Mirror.Address;
    }

    private static bool TryDeliver(MirrorSelector selector)
    {
        MirrorFetch fetch = selector.Begin(new FetchRequest(1, Block, FetchClass.Demand));
        double now = selector.Now;
        if (fetch.Next(now).Attempt is not { } attempt)
        {
            return false;
        }

        fetch.OnHead(attempt, now + 5);
        fetch.OnBytes(attempt, Block, now + 9);
        fetch.OnEnded(attempt, AttemptOutcome.Delivered, now + 9);
        return fetch.Next(now + 9).Kind == FetchActionKind.Succeed;
    }

    private static void Deliver(MirrorSelector selector, string name, double firstByte)
    {
        Attempt attempt = Start(selector, name);
        attempt.TakeHead(firstByte);
        attempt.TakeBytes(Block, firstByte + 10);
        attempt.End(AttemptOutcome.Delivered);
        selector.Desk.Ended(
            attempt, new FetchRequest(1, Block, FetchClass.Demand), firstByte + 10, 0);
    }

    private static void End(MirrorSelector selector, string name, AttemptOutcome outcome)
    {
        Attempt attempt = Start(selector, name);
        attempt.End(outcome);
        selector.Desk.Ended(attempt, new FetchRequest(1, Block, FetchClass.Demand), 5, 0);
    }

    private static Attempt Start(MirrorSelector selector, string name)
    {
        Site site = selector.Desk.Sites.Single(x => x.Mirror.Address == Address(name));
        SiteChoice choice = new(site, 100, site.TermsAt(0), 0, ChoiceReason.Best);
        Attempt attempt = new(choice, 0, 1_000, isHedge: false);
        selector.Desk.Started(attempt, 0);
        return attempt;
    }
}
