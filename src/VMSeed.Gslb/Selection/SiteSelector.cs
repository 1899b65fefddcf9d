using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Selection;

/// <summary>Chooses a site for each request, and learns from what came of it.</summary>
/// <remarks>
/// All sites are scored for each request. Those within 1.15 times the best cost are as good as it;
/// the site of the request before is kept while it is among them, else chance decides between
/// them, which spreads a fleet. Two random picks, the rule of balancers in front of equal servers,
/// are the wrong sampler for a dozen that lie on three continents. Called under one lock: a choice
/// takes microseconds, and no request is that short.
/// </remarks>
internal sealed class SiteSelector(IReadOnlyList<Site> sites, Func<double> random)
{
    private const double Band = 1.15;

    // A connection that has been quiet for longer is taken for closed: servers close at 5 to 75 s.
    private const double WarmFor = 30_000;

    private const double UnknownCost = 1_000;
    private Site? _current;

    /// <summary>All sites.</summary>
    public IReadOnlyList<Site> Sites => sites;

    /// <summary>Chooses a site.</summary>
    /// <param name="request">For what.</param>
    /// <param name="avoid">Sites that are not to be taken.</param>
    /// <param name="now">The time.</param>
    /// <param name="choice">The site.</param>
    /// <returns>False where none is left.</returns>
    public bool TryChoose(
        in FetchRequest request, SiteSet avoid, double now, out SiteChoice choice)
    {
        double best = double.PositiveInfinity;
        Site? chosen = null;
        foreach (Site site in sites)
        {
            if (avoid.Contains(site) || site.Health.At(now) >= SiteCondition.Probation)
            {
                continue;
            }

            double cost = CostOf(site, request, now);
            if (site == _current)
            {
                cost /= Band;
            }

            if (cost < best || (cost == best && random() < 0.5))
            {
                best = cost;
                chosen = site;
            }
        }

        if (chosen is null)
        {
            choice = default;
            return false;
        }

        _current = chosen;
        choice = new SiteChoice(chosen, CostOf(chosen, request, now), SetUpsOf(chosen, now));
        return true;
    }

    private static double CostOf(Site site, in FetchRequest request, double now) =>
        site.Estimate.IsKnown
            ? FetchCost.Of(site.Estimate, request.Length, site.InFlight, SetUpsOf(site, now))
            : UnknownCost;

    private static int SetUpsOf(Site site, double now)
    {
        bool isSecure = site.Mirror.Address.Scheme == Uri.UriSchemeHttps;
        return now - site.AskedAt < WarmFor ? 0 : isSecure ? 2 : 1;
    }
}
