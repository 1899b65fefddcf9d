using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Selection;

/// <summary>Chooses a site for each request, and learns from what came of it.</summary>
/// <remarks>
/// All sites are scored for each request. Two random picks, the rule of balancers in front of
/// equal servers, are the wrong sampler for a dozen that lie on three continents. One site is
/// preferred: it is left only when another is better by more than the band, so that small changes
/// do not move a client to and fro; a request goes elsewhere all the same where the preferred
/// site's line is shared by so many that another is quicker now. Called under one lock: a choice
/// takes microseconds, and no request is that short.
/// </remarks>
/// <param name="sites">The sites.</param>
/// <param name="random">Chance, from 0 to 1.</param>
/// <param name="exploration">The share of the requests that nobody waits for that goes to sites
/// that were not measured for a while.</param>
internal sealed class SiteSelector(
    Site[] sites, Func<double> random, double exploration = SiteSelector.UsualExploration)
{
    /// <summary>What is wanted anyway costs nothing elsewhere but time that nobody waits for; more
    /// would take the bandwidth of those who wait.</summary>
    public const double UsualExploration = 0.015;

    // How much dearer the preferred site may be for one request. Wider: the median pays for it.
    private const double Band = 1.03;

    // How much better another must be to be preferred in its stead. Narrower: noise moves clients.
    private const double ChallengeBand = 1.25;

    // What was measured since needs no exploration.
    private const double FreshFor = 30_000;

    // Unmeasured sites that are tried at once: their answers do not compete with what is awaited.
    private const int MostUnmeasured = 2;

    // Milliseconds for which a site must be better before it is preferred: noise does not last.
    private const double ChallengeFor = 5_000;

    // Milliseconds in which a request that nobody waits for should have come.
    private const double ProbationPatience = 5_000;

    private readonly SiteLedger _ledger = new();
    private Site[] _sites = sites;
    private Site? _preferred;
    private Site? _challenger;
    private double _challengedAt;

    /// <summary>All sites.</summary>
    public IReadOnlyList<Site> Sites => _sites;

    /// <summary>The site that an idle client would ask; null before the first choice.</summary>
    public Site? Preferred => _preferred;

    /// <summary>How often another site became the preferred one.</summary>
    public long Switches { get; private set; }

    /// <summary>Chooses among others from now on.</summary>
    /// <param name="others">The sites. Requests to one that is gone may still end.</param>
    public void SetSites(Site[] others)
    {
        _sites = others;
        _preferred = Array.Find(others, site => site == _preferred);
        _challenger = Array.Find(others, site => site == _challenger);
    }

    /// <summary>Chooses a site.</summary>
    /// <param name="request">For what.</param>
    /// <param name="avoid">Sites that are not to be taken.</param>
    /// <param name="now">The time.</param>
    /// <param name="choice">The site.</param>
    /// <returns>False where none is left.</returns>
    public bool TryChoose(
        in FetchRequest request, SiteSet avoid, double now, out SiteChoice choice)
    {
        (Site? Site, ChoiceReason Reason) found = Find(request, avoid, now);
        if (found.Site is not { } site)
        {
            choice = default;
            return false;
        }

        Terms terms = site.TermsAt(now);
        choice = new SiteChoice(
            site,
            SiteCost.Of(site, request.Length, now),
            terms,
            SpeedOf(site) / terms.Sharing,
            found.Reason);
        return true;
    }

    /// <summary>Whether the network is held responsible for wrong content.</summary>
    public bool IsInterfered => _ledger.IsInterfered;

    /// <summary>Takes note of how a request to a site ended.</summary>
    /// <param name="site">The site.</param>
    /// <param name="outcome">How.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    /// <param name="file">Stands for what was asked for; 0 where that is not known.</param>
    public void Take(
        Site site, AttemptOutcome outcome, double now, double retryAfter, ulong file = 0) =>
        _ledger.Take(_sites, site, outcome, now, retryAfter, file);

    /// <summary>Takes note that a site was late, and another brought what it had been asked
    /// for.</summary>
    /// <param name="site">The one that was late.</param>
    /// <param name="now">The time.</param>
    public void TakeLoss(Site site, double now) => SiteLedger.TakeLoss(_sites, site, now);

    // A site that has not been measured is held to the slowest that has: the client's own line is
    // in all of them. Held to nothing, one byte a second would be as good as any.
    private double SpeedOf(Site site)
    {
        double slowest = site.Estimate.Bandwidth;
        if (slowest == 0)
        {
            foreach (Site other in _sites)
            {
                double speed = other.Estimate.Bandwidth;
                slowest = speed > 0 && (slowest == 0 || speed < slowest) ? speed : slowest;
            }
        }

        return slowest;
    }

    private SiteSet LackingOf(ulong file, double now)
    {
        SiteSet lacking = default;
        foreach (Site site in _sites)
        {
            lacking = site.Lacked.Contains(file, now) ? lacking.With(site) : lacking;
        }

        return lacking;
    }

    // One that had not the file a moment ago is asked again after all others that are in use, and
    // before those that are not: of what nobody has, a quick answer says so.
    private (Site? Site, ChoiceReason Reason) Find(
        in FetchRequest request, SiteSet avoid, double now)
    {
        SiteSet lacking = LackingOf(request.Object, now);
        SiteSet avoidFirst = avoid.With(lacking);
        (Site? Site, ChoiceReason Reason) found = FindInUse(request, avoidFirst, now);
        if (found.Site is null && lacking != default)
        {
            found = (FindBest(request, avoid, now, isPanic: false), ChoiceReason.Best);
        }

        found = found.Site is null
            ? (FindBest(request, avoidFirst, now, isPanic: true), ChoiceReason.Panic)
            : found;
        return found.Site is null && lacking != default
            ? (FindBest(request, avoid, now, isPanic: true), ChoiceReason.Panic)
            : found;
    }

    private (Site? Site, ChoiceReason Reason) FindInUse(
        in FetchRequest request, SiteSet avoid, double now)
    {
        if (request.Class == FetchClass.Prefetch
            && FindExperiment(avoid, now) is { Site: not null } experiment)
        {
            return experiment;
        }

        Site? best = FindBest(request, avoid, now, isPanic: false);
        return best is not null && request.Class == FetchClass.Demand
            && FindReturning(request.Length, best, avoid, now) is { } returning
                ? (returning, ChoiceReason.Probation)
                : (best, ChoiceReason.Best);
    }

    // Nobody waits for the request: it may serve to learn.
    private (Site? Site, ChoiceReason Reason) FindExperiment(SiteSet avoid, double now)
    {
        int trying = 0;
        Site? oldest = null;
        Site? unmeasured = null;
        foreach (Site site in _sites)
        {
            SiteCondition condition = site.Health.At(now);
            if (condition == SiteCondition.Probation && site.InFlight == 0
                && !avoid.Contains(site))
            {
                return (site, ChoiceReason.Probation);
            }

            bool isUnmeasured = !site.Estimate.IsKnown;
            trying += isUnmeasured && site.InFlight > 0 ? 1 : 0;
            if (condition > SiteCondition.SlowStart || site.InFlight > 0 || avoid.Contains(site))
            {
                continue;
            }

            unmeasured = isUnmeasured
                && (unmeasured is null || SiteCost.Guess(site) < SiteCost.Guess(unmeasured))
                    ? site : unmeasured;
            oldest = !isUnmeasured && now - site.Estimate.SampledAt > FreshFor
                && (oldest is null || site.Estimate.SampledAt < oldest.Estimate.SampledAt)
                    ? site : oldest;
        }

        if (unmeasured is not null && trying < MostUnmeasured)
        {
            return (unmeasured, ChoiceReason.Unmeasured);
        }

        return oldest is not null && random() < exploration
            ? (oldest, ChoiceReason.Exploration)
            : default;
    }

    // Where nobody prefetches, a reader's request must tell whether a better site is back; the
    // hedge that follows it at once makes that cheap.
    private Site? FindReturning(long length, Site best, SiteSet avoid, double now)
    {
        foreach (Site site in _sites)
        {
            bool isDue = site.Health.At(now) == SiteCondition.Probation && site.InFlight == 0
                && now > site.Health.EjectedUntil + ProbationPatience && !avoid.Contains(site);
            if (isDue && SiteCost.Of(site, length, now) < SiteCost.Of(best, length, now))
            {
                return site;
            }
        }

        return null;
    }

    private Site? FindBest(in FetchRequest request, SiteSet avoid, double now, bool isPanic)
    {
        Site? best = null;
        double least = double.PositiveInfinity;
        Site? idleBest = null;
        double idleLeast = double.PositiveInfinity;
        foreach (Site site in _sites)
        {
            if (avoid.Contains(site) || !IsUsable(site, now, isPanic))
            {
                continue;
            }

            double cost = SiteCost.Of(site, request.Length, now);
            if (cost < least)
            {
                (best, least) = (site, cost);
            }

            double idle = SiteCost.OfIdle(site, now) / (site == _preferred ? ChallengeBand : 1);
            if (idle < idleLeast)
            {
                (idleBest, idleLeast) = (site, idle);
            }
        }

        if (!isPanic && avoid == default)
        {
            Prefer(idleBest, now);
        }

        bool isPreferredGood = _preferred is { } preferred && !avoid.Contains(preferred)
            && IsUsable(preferred, now, isPanic)
            && SiteCost.Of(preferred, request.Length, now) <= least * Band;
        return isPreferredGood ? _preferred : best;
    }

    // A challenger must have been better for a while, unless there is nothing to defend.
    private void Prefer(Site? site, double now)
    {
        if (site is null || site == _preferred)
        {
            _challenger = null;
            return;
        }

        if (site != _challenger)
        {
            (_challenger, _challengedAt) = (site, now);
        }

        // A moment's rest is none to move for: the requests go elsewhere in any case.
        bool isDefended = _preferred is { } preferred && preferred.Estimate.IsKnown
            && preferred.Health.At(now) is SiteCondition.Healthy or SiteCondition.SlowStart
                or SiteCondition.Resting;
        if (!isDefended || now > _challengedAt + ChallengeFor)
        {
            Switches += _preferred is null ? 0 : 1;
            (_preferred, _challenger) = (site, null);
        }
    }

    private static bool IsUsable(Site site, double now, bool isPanic)
    {
        SiteCondition condition = site.Health.At(now);
        return isPanic
            ? condition != SiteCondition.Quarantined
            : condition <= SiteCondition.SlowStart && site.InFlight < site.Limit.Value;
    }
}
