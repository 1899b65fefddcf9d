using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Tells of each change in what sites may be asked, once.</summary>
/// <param name="log">Hears of it.</param>
internal sealed class SiteWatch(MirrorLog log)
{
    // A portal answers every request until somebody logs in, and where all mirrors are ill each
    // request is an emergency: one line a minute.
    private const double Silence = 60_000;

    private readonly Lock _gate = new();
    private readonly (Site? Site, SiteCondition Condition)[] _known =
        new (Site?, SiteCondition)[SiteSet.Capacity];
    private double _toldAt = double.NegativeInfinity;
    private double _neededAt = double.NegativeInfinity;
    private bool _isInterfered;

    /// <summary>A site is asked.</summary>
    /// <param name="isNeed">Whether only because all that are in use are excluded.</param>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    public void Asked(bool isNeed, string name, double now)
    {
        bool isNews;
        lock (_gate)
        {
            isNews = isNeed && now - _neededAt > Silence;
            _neededAt = isNews ? now : _neededAt;
        }

        if (isNews)
        {
            log.Panic(name);
        }
    }

    /// <summary>An attempt at a site has ended.</summary>
    /// <param name="site">The site.</param>
    /// <param name="name">Its name.</param>
    /// <param name="outcome">How.</param>
    /// <param name="fact">What happened.</param>
    /// <param name="isInterfered">Whether the network is held responsible now.</param>
    /// <param name="now">The time.</param>
    public void Ended(
        Site site,
        string name,
        AttemptOutcome outcome,
        string? fact,
        bool isInterfered,
        double now)
    {
        SiteCondition condition = site.Health.At(now);
        SiteCondition before;
        bool isNews;
        lock (_gate)
        {
            (Site? told, before) = _known[site.Index];
            before = told == site ? before : SiteCondition.Healthy;
            _known[site.Index] = (site, condition);
            isNews = isInterfered && !_isInterfered && now - _toldAt > Silence;
            _isInterfered = isInterfered;
            _toldAt = isNews ? now : _toldAt;
        }

        if (isNews)
        {
            log.Interference(name, fact ?? "a page");
        }

        if (condition != before)
        {
            Tell(name, before, condition, fact ?? "it failed", outcome);
        }
    }

    private void Tell(
        string name, SiteCondition before, SiteCondition now, string fact, AttemptOutcome outcome)
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
            case SiteCondition.Resting when outcome == AttemptOutcome.Busy:
                log.Resting(name, fact);
                break;
            case SiteCondition.Resting when outcome == AttemptOutcome.Overtaken:
                log.Late(name);
                break;
            case SiteCondition.Healthy or SiteCondition.SlowStart
                when before is SiteCondition.Ejected or SiteCondition.Probation
                    or SiteCondition.Quarantined:
                log.Recovered(name);
                break;
            default:
                break;
        }
    }

    private static void Count(string name, string kind) =>
        MirrorMeter.Ejections.Add(1, new("mirror", name), new("kind", kind));
}
