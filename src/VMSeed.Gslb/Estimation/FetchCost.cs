namespace VMSeed.Gslb.Estimation;

/// <summary>How long a fetch from a site would take now.</summary>
/// <remarks>
/// set-up + first byte + a part of its deviation + rounds of slow start + bytes over the share of
/// the bandwidth that other requests leave. 64 KiB over a cold connection cost two round trips more
/// than over a warm one, and 1 MiB six: size decides which site is best.
/// </remarks>
internal static class FetchCost
{
    // How much of what is uncertain counts as certain. 0: a site that is quick in the mean and
    // late at times is preferred; 1 and more: one bad sample sends all away.
    private const double DeviationWeight = 0.25;

    /// <summary>Bytes per millisecond of a site whose bandwidth is not known: 40 Mbit/s, which
    /// most lines of servers have for one client.</summary>
    private const double UnknownBandwidth = 5_000;

    /// <summary>Milliseconds that a fetch would take.</summary>
    /// <param name="estimate">What is known of the site.</param>
    /// <param name="length">Bytes to fetch.</param>
    /// <param name="terms">What the request meets.</param>
    /// <param name="now">The time.</param>
    /// <returns>The cost.</returns>
    public static double Of(SiteEstimate estimate, long length, Terms terms, double now)
    {
        double speed = estimate.Bandwidth > 0 ? estimate.BandwidthAt(now) : UnknownBandwidth;
        return ((terms.SetUps + terms.RoundsOf(length)) * estimate.Trip)
            + estimate.FirstByteAt(now)
            + (DeviationWeight * estimate.Deviation)
            + (length * terms.Sharing / speed);
    }
}
