using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Selection;

/// <summary>Holds each end of a request against the party that it belongs to: the site, what it
/// lacks, a proxy on the way, or the network.</summary>
internal sealed class SiteLedger
{
    // Milliseconds before a network that changes content, or a proxy that answers in a site's
    // place, is tried again.
    private const double InterferenceRest = 2_000;

    // Ejecting more would leave a client to its worst sites, or to none.
    private const int LeastLeft = 2;
    private const double LeastShareLeft = 0.25;

    private readonly InterferenceWatch _interference = new();
    private readonly ProxyWatch _proxies = new();

    /// <summary>Whether the network, or a proxy in it, is held responsible for what
    /// comes.</summary>
    public bool IsInterfered => _interference.IsOn || _proxies.IsOn;

    /// <summary>Takes note of how a request to a site ended.</summary>
    /// <param name="sites">All sites.</param>
    /// <param name="site">The site.</param>
    /// <param name="outcome">How.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    /// <param name="file">Stands for what was asked for; 0 where that is not known.</param>
    public void Take(
        Site[] sites,
        Site site,
        AttemptOutcome outcome,
        double now,
        double retryAfter,
        ulong file)
    {
        site.Ends[(int)outcome]++;
        switch (outcome)
        {
            case AttemptOutcome.Delivered:
                Praise(site, now, file);
                break;
            case AttemptOutcome.Missing:
                site.Health.Lack(now);
                site.Lacked.Add(file, now);
                break;
            case AttemptOutcome.Stale:
                // It has the file, and is late with it: that says nothing of what never changes.
                site.Lacked.Add(file, now);
                break;
            case AttemptOutcome.Busy:
                site.Limit.Fail();
                site.Health.Rest(now, retryAfter);
                break;
            case AttemptOutcome.Proxied when _proxies.TakeProxied(site.Index):
                site.Health.Rest(now, InterferenceRest);
                break;
            case AttemptOutcome.Broken or AttemptOutcome.TimedOut or AttemptOutcome.ServerError
                or AttemptOutcome.Malformed or AttemptOutcome.Proxied:
                site.Limit.Fail();
                site.Health.Fail(now, MayEject(sites, now));
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

    /// <summary>Takes note that a site was late, and another brought what it had been asked
    /// for.</summary>
    /// <param name="sites">All sites.</param>
    /// <param name="site">The one that was late.</param>
    /// <param name="now">The time.</param>
    public static void TakeLoss(Site[] sites, Site site, double now) =>
        site.Health.Lose(now, MayEject(sites, now));

    private void Praise(Site site, double now, ulong file)
    {
        _interference.TakeRight(now);
        _proxies.TakeRight(site.Index);
        site.Lacked.Remove(file);
        if (site.Health.Succeed(now))
        {
            site.Limit.Restart();
            site.Estimate.Renew();
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

    private static bool MayEject(Site[] sites, double now)
    {
        int usable = 0;
        foreach (Site site in sites)
        {
            usable += site.Health.At(now) <= SiteCondition.SlowStart ? 1 : 0;
        }

        return usable > Math.Max(LeastLeft, (int)(LeastShareLeft * sites.Length));
    }
}
