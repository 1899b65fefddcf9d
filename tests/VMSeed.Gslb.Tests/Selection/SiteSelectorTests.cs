using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Tests.Selection;

public sealed class SiteSelectorTests
{
    private static readonly FetchRequest Demand = new(1, 65_536, FetchClass.Demand);
    private static readonly FetchRequest Prefetch = new(2, 65_536, FetchClass.Prefetch);
    private readonly Random _random = new(1);

    [Fact]
    public void The_quickest_is_chosen()
    {
        SiteSelector selector = Make(100);
        Assert.Equal(0, Choose(selector, Demand).Site.Index);
    }

    [Fact]
    public void A_late_answer_keeps_others_away_until_it_comes()
    {
        SiteSelector selector = Make(3);
        selector.Sites[0].LateSince = 0;
        Assert.Equal(1, Choose(selector, Demand, now: 100).Site.Index);
        selector.Sites[0].LateSince = double.PositiveInfinity;
        Assert.Equal(0, Choose(selector, Demand, now: 100).Site.Index);
    }

    [Fact]
    public void A_site_at_its_limit_is_passed_over()
    {
        SiteSelector selector = Make(3);
        selector.Sites[0].InFlight = selector.Sites[0].Limit.Value;
        Assert.Equal(1, Choose(selector, Demand).Site.Index);
    }

    [Fact]
    public void Unmeasured_sites_are_tried_by_what_nobody_waits_for_two_at_once()
    {
        SiteSelector selector = new(Sites(5), _random.NextDouble);
        selector.Sites[0].Estimate.TakeFirstByte(10, 0);
        HashSet<int> tried = [];
        for (int request = 0; request < 3; request++)
        {
            Site site = Choose(selector, Prefetch).Site;
            site.InFlight++;
            tried.Add(site.Index);
        }

        Assert.Equal([0, 1, 2], tried.Order());
        Assert.Equal(0, Choose(selector, Demand).Site.Index);
    }

    [Fact]
    public void Few_prefetches_go_to_sites_that_were_not_measured_for_long()
    {
        SiteSelector selector = Make(3);
        int elsewhere = 0;
        for (int request = 0; request < 10_000; request++)
        {
            elsewhere += Choose(selector, Prefetch, now: 31_000).Reason == ChoiceReason.Exploration
                ? 1 : 0;
        }

        Assert.InRange(elsewhere, 100, 200);
    }

    [Fact]
    public void Out_of_need_ejected_sites_are_asked_but_never_quarantined_ones()
    {
        SiteSelector selector = Make(3);
        selector.Take(selector.Sites[0], AttemptOutcome.Corrupt, 0, 0);
        selector.Sites[1].Health.Rest(0, 10_000);
        selector.Sites[2].Health.Rest(0, 10_000);
        SiteChoice choice = Choose(selector, Demand);
        Assert.Equal((1, ChoiceReason.Panic), (choice.Site.Index, choice.Reason));
        selector.Sites[1].Health.Condemn(0);
        selector.Sites[2].Health.Condemn(0);
        Assert.False(selector.TryChoose(Demand, default, 0, out _));
    }

    [Fact]
    public void Two_wrong_hosts_at_once_are_the_networks_fault()
    {
        SiteSelector selector = Make(3);
        selector.Take(selector.Sites[0], AttemptOutcome.Corrupt, 0, 0);
        Assert.Equal(SiteCondition.Quarantined, selector.Sites[0].Health.At(1));
        selector.Take(selector.Sites[1], AttemptOutcome.Corrupt, 1, 0);
        Assert.True(selector.IsInterfered);
        Assert.DoesNotContain(
            selector.Sites, site => site.Health.At(2) == SiteCondition.Quarantined);
        selector.Take(selector.Sites[2], AttemptOutcome.Delivered, 2, 0);
        Assert.False(selector.IsInterfered);
    }

    [Fact]
    public void A_quarter_of_the_sites_and_two_are_never_ejected()
    {
        SiteSelector selector = Make(5);
        foreach (Site site in selector.Sites)
        {
            for (int failure = 0; failure < 5; failure++)
            {
                selector.Take(site, AttemptOutcome.Broken, 0, 0);
            }
        }

        Assert.Equal(2, selector.Sites.Count(site => site.Health.At(0) <= SiteCondition.SlowStart));
    }

    [Fact]
    public void A_better_site_is_preferred_once_it_has_been_better_for_a_while()
    {
        SiteSelector selector = Make(2);
        Choose(selector, Demand);
        for (int sample = 0; sample < 60; sample++)
        {
            selector.Sites[0].Estimate.TakeFirstByte(500, 1_000);
        }

        Choose(selector, Demand, now: 1_000);
        Assert.Equal(0, selector.Preferred!.Index);
        Choose(selector, Demand, now: 6_001);
        Assert.Equal((1, 1), (selector.Preferred!.Index, selector.Switches));
    }

    [Fact]
    public void A_choice_among_a_hundred_allocates_nothing()
    {
        SiteSelector selector = Make(100);
        for (int warm = 0; warm < 50; warm++)
        {
            selector.TryChoose(Demand, default, warm, out _);
            selector.TryChoose(Prefetch, default, warm, out _);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int request = 0; request < 1_000; request++)
        {
            selector.TryChoose(Demand, default, request, out _);
            selector.TryChoose(Prefetch, default, request, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_was_kept_is_believed_with_more_doubt_and_a_quarantine_goes_on()
    {
        Site before = Sites(1)[0];
        before.Estimate.TakeFirstByte(40, 0);
        before.Health.Condemn(0);
        Site after = Sites(1)[0];
        after.Recall(before.Remember(100_000)!, 7);
        Assert.Equal(before.Estimate.FirstByte, after.Estimate.FirstByte);
        Assert.InRange(
            after.Estimate.Deviation / before.Estimate.Deviation, 2, 2.01);
        Assert.Equal(7 - 100_000, after.Estimate.SampledAt);
        Assert.Equal(500_000, after.Health.QuarantinedFor(7));
    }

    [Fact]
    public void What_a_site_lacked_a_moment_ago_is_asked_of_others_and_other_files_are_not()
    {
        SiteSelector selector = Make(3);
        selector.Take(selector.Sites[0], AttemptOutcome.Stale, 0, 0, Demand.Object);
        Assert.Equal(1, Choose(selector, Demand).Site.Index);
        Assert.Equal(0, Choose(selector, Demand with { Object = 9 }).Site.Index);
        Assert.Equal(0, Choose(selector, Demand, now: 60_000).Site.Index);
        selector.Take(selector.Sites[0], AttemptOutcome.Stale, 60_000, 0, Demand.Object);
        selector.Take(selector.Sites[0], AttemptOutcome.Delivered, 60_000, 0, Demand.Object);
        Assert.Equal(0, Choose(selector, Demand, now: 60_000).Site.Index);
    }

    [Fact]
    public void What_all_in_use_lacked_is_asked_of_them_again_before_one_that_is_ill()
    {
        SiteSelector selector = Make(4);
        while (selector.Sites[3].Health.At(0) != SiteCondition.Ejected)
        {
            selector.Take(selector.Sites[3], AttemptOutcome.Broken, 0, 0);
        }

        foreach (Site site in selector.Sites.Take(3))
        {
            selector.Take(site, AttemptOutcome.Stale, 0, 0, Demand.Object);
        }

        Assert.Equal(0, Choose(selector, Demand).Site.Index);
    }

    [Fact]
    public void Among_sites_that_nobody_has_measured_the_publishers_order_decides()
    {
        Site[] sites = Sites(4);
        sites[1].Mirror = sites[1].Mirror with { Priority = 999_999 };
        sites[2].Mirror = sites[2].Mirror with { Priority = 1 };
        sites[3].Mirror = sites[3].Mirror with { Priority = 2 };
        SiteSelector selector = new(sites, _random.NextDouble);
        List<int> order = [];
        SiteSet asked = default;
        while (selector.TryChoose(Demand, asked, 0, out SiteChoice choice))
        {
            order.Add(choice.Site.Index);
            asked = asked.With(choice.Site);
        }

        Assert.Equal([2, 3, 1, 0], order);
        Assert.Equal(2, Choose(selector, Prefetch).Site.Index);
    }

    [Fact]
    public void The_publishers_order_is_nothing_against_a_measurement()
    {
        Site[] sites = Sites(2);
        sites[0].Mirror = sites[0].Mirror with { Priority = 1 };
        sites[0].Estimate.TakeFirstByte(50, 0);
        sites[1].Estimate.TakeFirstByte(40, 0);
        SiteSelector selector = new(sites, _random.NextDouble);
        Assert.Equal(1, Choose(selector, Demand).Site.Index);
        Site[] known = Sites(2);
        known[0].Mirror = known[0].Mirror with { Priority = 1 };
        known[1].Estimate.TakeFirstByte(100, 0);
        Assert.Equal(1, Choose(new SiteSelector(known, _random.NextDouble), Demand).Site.Index);
    }

    private static SiteChoice Choose(
        SiteSelector selector, in FetchRequest request, double now = 0)
    {
        Assert.True(selector.TryChoose(request, default, now, out SiteChoice choice));
        return choice;
    }

    // Each five milliseconds slower than the one before.
    private SiteSelector Make(int count)
    {
        Site[] sites = Sites(count);
        foreach (Site site in sites)
        {
            site.Estimate.TakeFirstByte(10 + (5 * site.Index), 0);
            site.Estimate.TakeBody(100_000, 20, new(0, true, 0));
            site.Connections.Return(0);
        }

        return new SiteSelector(sites, _random.NextDouble);
    }

    private Site[] Sites(int count) =>
    [
        .. Enumerable.Range(0, count).Select(index =>
            new Site(new Mirror(new Uri($"http://s{index}.example/")), index, _random.NextDouble)),
    ];
}
