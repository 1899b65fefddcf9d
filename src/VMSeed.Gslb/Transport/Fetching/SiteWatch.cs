using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Tells of each change in what sites may be asked, once.</summary>
/// <param name="log">Hears of it.</param>
/// <param name="count">How many sites there are.</param>
internal sealed class SiteWatch(MirrorLog log, int count)
{
    // Two pages from two servers within this time have one cause.
    private const double CommonCause = 10_000;

    // A portal answers every request until somebody logs in: one line a minute.
    private const double Silence = 60_000;

    private readonly Lock _gate = new();
    private readonly SiteCondition[] _known = new SiteCondition[count];
    private double _pageAt = double.NegativeInfinity;
    private double _toldAt = double.NegativeInfinity;
    private string? _pageHost;
    private bool _isPanic;

    /// <summary>A site is asked: out of need, where it is out of use.</summary>
    /// <param name="site">The site.</param>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    public void Asked(Site site, string name, double now)
    {
        bool isPanic = site.Health.At(now) >= SiteCondition.Ejected;
        bool isNew = isPanic && !_isPanic;
        _isPanic = isPanic;
        if (isNew)
        {
            log.Panic(name);
        }
    }

    /// <summary>An attempt at a site has ended.</summary>
    /// <param name="site">The site.</param>
    /// <param name="name">Its name.</param>
    /// <param name="outcome">How.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="now">The time.</param>
    public void Ended(
        Site site, string name, AttemptOutcome outcome, string? fact, double now)
    {
        SiteCondition condition = site.Health.At(now);
        SiteCondition before;
        lock (_gate)
        {
            before = _known[site.Index];
            _known[site.Index] = condition;
        }

        if (condition != before)
        {
            Tell(name, before, condition, fact ?? "it failed");
        }

        if (outcome == AttemptOutcome.Page)
        {
            TakePage(site.Mirror.Address.Authority, name, fact ?? "a page", now);
        }
    }

    private void Tell(string name, SiteCondition before, SiteCondition now, string fact)
    {
        switch (now)
        {
            case SiteCondition.Ejected:
                Count(name, "ejected");
                log.Ejected(name, fact);
                break;
            case SiteCondition.Quarantined:
                Count(name, "quarantined");
                log.Quarantined(name, fact);
                break;
            case SiteCondition.Resting:
                log.Resting(name, fact);
                break;
            case SiteCondition.Healthy or SiteCondition.SlowStart
                when before >= SiteCondition.Probation:
                log.Recovered(name);
                break;
            default:
                break;
        }
    }

    private static void Count(string name, string kind) =>
        MirrorMeter.Ejections.Add(1, new("mirror", name), new("kind", kind));

    private void TakePage(string host, string name, string fact, double now)
    {
        bool isTold;
        lock (_gate)
        {
            isTold = _pageHost is not null && _pageHost != host
                && now - _pageAt < CommonCause && now - _toldAt > Silence;
            (_pageHost, _pageAt) = (host, now);
            _toldAt = isTold ? now : _toldAt;
        }

        if (isTold)
        {
            log.Interference(name, fact);
        }
    }
}
