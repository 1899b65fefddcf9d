using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;

namespace VMSeed.Gslb.Selection;

/// <summary>What a fetch from a site costs, in milliseconds: what is measured, and what is known of
/// the site besides.</summary>
internal static class SiteCost
{
    // What is foreseen of a site that nobody has asked: more than most take.
    private const double Unknown = 1_000;

    // Its publisher's order of preference decides among sites that are not measured, and never
    // against a measurement: it moves the guess by less than a millisecond.
    private const double PreferenceWeight = 1e-6;
    private const int LastPriority = 999_999;

    /// <summary>Bytes of a block.</summary>
    private const long TypicalLength = 64 * 1024;

    // A site in its slow start must be clearly better to be taken.
    private const double SlowStartPenalty = 1.2;

    // What is missing costs a second fetch from a farther site; how far is not known here.
    private const double MissingPenalty = 4;

    /// <summary>What a fetch would cost now.</summary>
    /// <param name="site">The site.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="now">The time.</param>
    /// <returns>Milliseconds; of a site that is not known, a guess.</returns>
    public static double Of(Site site, long length, double now)
    {
        double cost = site.Estimate.IsKnown
            ? FetchCost.Of(site.Estimate, length, site.TermsAt(now), now)
            : Guess(site);
        cost *= site.Health.At(now) == SiteCondition.SlowStart ? SlowStartPenalty : 1;
        cost *= 1 + (MissingPenalty * site.Health.MissingAt(now));
        return cost + Math.Max(now - site.LateSince, 0);
    }

    /// <summary>What a block would cost if nothing else were on its way: size, load and a late
    /// answer do not decide whom a client prefers.</summary>
    /// <param name="site">The site.</param>
    /// <param name="now">The time.</param>
    /// <returns>Milliseconds.</returns>
    public static double OfIdle(Site site, double now) => site.Estimate.IsKnown
        ? FetchCost.Of(site.Estimate, TypicalLength, new Terms(0, true, 0), now)
            * (1 + (MissingPenalty * site.Health.MissingAt(now)))
        : Guess(site);

    /// <summary>What is foreseen of a site that nobody has asked.</summary>
    /// <param name="site">The site.</param>
    /// <returns>Milliseconds: less for one that its publisher prefers (RFC 5854 section
    /// 4.2.16: 1 first, none last).</returns>
    public static double Guess(Site site) => site.Mirror.Priority is { } priority
        ? Unknown - (PreferenceWeight * (LastPriority + 1 - Math.Clamp(priority, 1, LastPriority)))
        : Unknown;
}
