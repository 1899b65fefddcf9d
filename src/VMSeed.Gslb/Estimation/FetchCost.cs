namespace VMSeed.Gslb.Estimation;

/// <summary>How long a fetch from a site would take now.</summary>
/// <remarks>
/// set-up + first byte + half a deviation + rounds of slow start + bytes over the share of the
/// bandwidth that other requests leave. Slow start after a new connection begins with ten segments
/// (RFC 6928) and doubles each round trip (RFC 5681 section 3.1), so that 64 KiB over a cold
/// connection cost two round trips more than over a warm one, and 1 MiB six: size decides which
/// site is best.
/// </remarks>
internal static class FetchCost
{
    /// <summary>The bytes of the first ten segments (RFC 6928).</summary>
    private const double InitialWindow = 14_600;

    // How much of what is uncertain counts as certain. 0: a site that is quick in the mean and
    // late at times is preferred; 1 and more: one bad sample sends all away.
    private const double DeviationWeight = 0.5;

    // Requests in flight share the line with what comes, but not for its whole duration.
    private const double SharingWeight = 0.5;

    /// <summary>Bytes per millisecond of a site whose bandwidth is not known: 16 Mbit/s.</summary>
    private const double UnknownBandwidth = 2_000;

    /// <summary>Milliseconds that a fetch would take.</summary>
    /// <param name="estimate">What is known of the site.</param>
    /// <param name="length">Bytes to fetch.</param>
    /// <param name="inFlight">Requests that the site has now.</param>
    /// <param name="setUps">Round trips before the request can be sent: 0 over a warm connection,
    /// 1 over TCP, 2 over TLS 1.3.</param>
    /// <returns>The time.</returns>
    public static double Of(SiteEstimate estimate, long length, int inFlight, int setUps)
    {
        double trip = double.IsFinite(estimate.RoundTrip) ? estimate.RoundTrip : estimate.FirstByte;
        double rounds = setUps == 0 ? 0 : Math.Ceiling(Math.Log2((length / InitialWindow) + 1)) - 1;
        double speed = estimate.Bandwidth > 0 ? estimate.Bandwidth : UnknownBandwidth;
        return ((setUps + Math.Max(rounds, 0)) * trip)
            + estimate.FirstByte
            + (DeviationWeight * estimate.Deviation)
            + (length * (1 + (SharingWeight * inFlight)) / speed);
    }
}
