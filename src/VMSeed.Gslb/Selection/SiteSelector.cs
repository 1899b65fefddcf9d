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

    private const double UnknownCost = 1_000;

    /// <summary>Bytes of a block.</summary>
    private const long TypicalLength = 64 * 1024;

    // What was measured since needs no exploration.
    private const double FreshFor = 30_000;

    // Unmeasured sites that are tried at once: their answers do not compete with what is awaited.
    private const int MostUnmeasured = 2;

    // Milliseconds for which a site must be better before it is preferred: noise does not last.
    private const double ChallengeFor = 5_000;

    // Milliseconds in which a request that nobody waits for should have come.
    private const double ProbationPatience = 5_000;

    // Milliseconds before a network that changes content is tried again.
    private const double InterferenceRest = 2_000;

    // A site in its slow start must be clearly better to be taken.
    private const double SlowStartPenalty = 1.2;

    // What is missing costs a second fetch from a farther site; how far is not known here.
    private const double MissingPenalty = 4;

    // Ejecting more would leave a client to its worst sites, or to none.
    private const int LeastLeft = 2;
    private const double LeastShareLeft = 0.25;

    private readonly InterferenceWatch _interference = new();
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
        (Site? Site, ChoiceReason Reason) found =
            request.Class == FetchClass.Prefetch ? FindExperiment(avoid, now) : default;
        if (found.Site is null)
        {
            found = (FindBest(request, avoid, now, isPanic: false), ChoiceReason.Best);
        }

        if (found.Site is not null && request.Class == FetchClass.Demand
            && FindReturning(request.Length, found.Site, avoid, now) is { } returning)
        {
            found = (returning, ChoiceReason.Probation);
        }

        if (found.Site is null)
        {
            found = (FindBest(request, avoid, now, isPanic: true), ChoiceReason.Panic);
        }

        if (found.Site is not { } site)
        {
            choice = default;
            return false;
        }

        Terms terms = site.TermsAt(now);
        choice = new SiteChoice(
            site,
            CostOf(site, request.Length, now),
            terms,
            site.Estimate.Bandwidth / terms.Sharing,
            found.Reason);
        return true;
    }

    /// <summary>Whether the network is held responsible for wrong content.</summary>
    public bool IsInterfered => _interference.IsOn;

    /// <summary>Takes note of how a request to a site ended.</summary>
    /// <param name="site">The site.</param>
    /// <param name="outcome">How.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    public void Take(Site site, AttemptOutcome outcome, double now, double retryAfter)
    {
        site.Ends[(int)outcome]++;
        switch (outcome)
        {
            case AttemptOutcome.Delivered:
                _interference.TakeRight();
                if (site.Health.Succeed(now))
                {
                    site.Limit.Restart();
                    site.Estimate.Renew();
                }

                break;
            case AttemptOutcome.Missing or AttemptOutcome.Stale:
                site.Health.Lack(now);
                break;
            case AttemptOutcome.Busy:
                site.Limit.Fail();
                site.Health.Rest(now, retryAfter);
                break;
            case AttemptOutcome.Broken or AttemptOutcome.TimedOut or AttemptOutcome.ServerError
                or AttemptOutcome.Malformed:
                site.Limit.Fail();
                site.Health.Fail(now, MayEject(now));
                break;
            case AttemptOutcome.Page:
                _interference.TakePage();
                site.Health.Rest(now, InterferenceRest);
                break;
            case AttemptOutcome.Corrupt:
                Blame(site, now);
                break;
            default:
                break;
        }
    }

    private void Blame(Site site, double now)
    {
        if (_interference.TakeWrong(site.Mirror.Address.Host, now, site.Health.Pardon))
        {
            site.Health.Condemn(now);
        }
        else
        {
            site.Health.Rest(now, InterferenceRest);
        }
    }

    private bool MayEject(double now)
    {
        int usable = 0;
        foreach (Site site in _sites)
        {
            usable += site.Health.At(now) <= SiteCondition.SlowStart ? 1 : 0;
        }

        return usable > Math.Max(LeastLeft, (int)(LeastShareLeft * _sites.Length));
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

            unmeasured = isUnmeasured && unmeasured is null ? site : unmeasured;
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
            if (isDue && CostOf(site, length, now) < CostOf(best, length, now))
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

            double cost = CostOf(site, request.Length, now);
            if (cost < least)
            {
                (best, least) = (site, cost);
            }

            double idle = IdleCostOf(site, now) / (site == _preferred ? ChallengeBand : 1);
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
            && CostOf(preferred, request.Length, now) <= least * Band;
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

        bool isDefended = _preferred is { } preferred && preferred.Estimate.IsKnown
            && preferred.Health.At(now) <= SiteCondition.SlowStart;
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

    private static double CostOf(Site site, long length, double now)
    {
        double cost = site.Estimate.IsKnown
            ? FetchCost.Of(site.Estimate, length, site.TermsAt(now), now)
            : UnknownCost;
        return Burdened(site, cost, now);
    }

    // What a block would cost if nothing else were on its way: size, load and a late answer do not
    // decide whom a client prefers.
    private static double IdleCostOf(Site site, double now) => site.Estimate.IsKnown
        ? FetchCost.Of(site.Estimate, TypicalLength, new Terms(0, true, 0), now)
            * (1 + (MissingPenalty * site.Health.MissingAt(now)))
        : UnknownCost;

    private static double Burdened(Site site, double cost, double now)
    {
        cost *= site.Health.At(now) == SiteCondition.SlowStart ? SlowStartPenalty : 1;
        cost *= 1 + (MissingPenalty * site.Health.MissingAt(now));
        return cost + Math.Max(now - site.LateSince, 0);
    }
}
