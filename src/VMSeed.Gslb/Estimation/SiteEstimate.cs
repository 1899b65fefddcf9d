namespace VMSeed.Gslb.Estimation;

/// <summary>What is expected of one site, from what it did.</summary>
/// <remarks>
/// The time to the first byte is a mean that rises quickly and falls slowly, with its mean absolute
/// deviation; bandwidth is a mean of logarithms, for it varies by factors. What has not been seen
/// for a while is not forgotten towards zero, as others do (a far site would look near again), but
/// trusted less: its deviation widens.
/// </remarks>
internal sealed class SiteEstimate
{
    // A mean over some five samples upwards and ten downwards: a site that becomes slow is left
    // after two requests, and one lucky answer does not call everybody back.
    private const double GainUp = 0.3;
    private const double GainDown = 0.15;

    // One stall of a minute must not banish a site that is good in the mean.
    private const double MostFactorOfOneSample = 4;

    private const double BandwidthGain = 0.25;

    // Guests of a few KiB measure the round trip, not the line.
    private const long LeastBytesOfBandwidth = 64 * 1024;

    /// <summary>Milliseconds to the first byte, without the set-up of a connection.</summary>
    public double FirstByte { get; private set; }

    /// <summary>The mean absolute deviation of <see cref="FirstByte"/>, in milliseconds.</summary>
    public double Deviation { get; private set; }

    /// <summary>The shortest time a connection or a first byte took, in milliseconds.</summary>
    public double RoundTrip { get; private set; } = double.PositiveInfinity;

    /// <summary>Bytes per millisecond of a body; 0 while not measured.</summary>
    public double Bandwidth { get; private set; }

    /// <summary>The round trip, in milliseconds, as well as it is known.</summary>
    public double Trip => double.IsFinite(RoundTrip) ? RoundTrip : FirstByte;

    /// <summary>How many first bytes have been measured.</summary>
    public int Samples { get; private set; }

    /// <summary>When the last one was.</summary>
    public double SampledAt { get; private set; } = double.NegativeInfinity;

    /// <summary>Whether anything has been measured.</summary>
    public bool IsKnown => Samples > 0;

    /// <summary>Takes the time that a first byte took.</summary>
    /// <param name="elapsed">Milliseconds since the request was sent on a ready
    /// connection.</param>
    /// <param name="now">The time.</param>
    public void TakeFirstByte(double elapsed, double now)
    {
        RoundTrip = Math.Min(RoundTrip, elapsed);
        SampledAt = now;
        if (Samples++ == 0)
        {
            FirstByte = elapsed;
            Deviation = elapsed / 2;
            return;
        }

        double sample = Math.Min(elapsed, FirstByte * MostFactorOfOneSample);
        double error = sample - FirstByte;
        FirstByte += error * (error > 0 ? GainUp : GainDown);
        Deviation += (Math.Abs(error) - Deviation) * GainDown;
    }

    /// <summary>Takes the time of a first byte that nobody waited for to the end.</summary>
    /// <param name="elapsed">Milliseconds after which it had not come.</param>
    /// <param name="now">The time.</param>
    public void TakeLowerBound(double elapsed, double now)
    {
        if (elapsed > FirstByte || !IsKnown)
        {
            TakeFirstByte(elapsed, now);
        }
    }

    /// <summary>Takes the speed of a body.</summary>
    /// <param name="bytes">Bytes after the head.</param>
    /// <param name="elapsed">Milliseconds that they took.</param>
    /// <param name="terms">What they met: slow start and other requests are taken out, so that
    /// the line itself is measured.</param>
    public void TakeBody(long bytes, double elapsed, Terms terms)
    {
        if (bytes < LeastBytesOfBandwidth)
        {
            return;
        }

        double line = Math.Max(elapsed - (terms.RoundsOf(bytes) * Trip), elapsed / 4);
        double speed = bytes * terms.Sharing / Math.Max(line, 0.1);
        Bandwidth = Bandwidth == 0
            ? speed
            : Math.Exp(Math.Log(Bandwidth)
                + (BandwidthGain * (Math.Log(speed) - Math.Log(Bandwidth))));
    }

    /// <summary>Takes the time that a connection took: one round trip.</summary>
    /// <param name="elapsed">Milliseconds.</param>
    public void TakeConnect(double elapsed) => RoundTrip = Math.Min(RoundTrip, elapsed);

    /// <summary>Takes note of a failure: it is worth less than its times say.</summary>
    public void Punish()
    {
        FirstByte *= 1.5;
        Bandwidth /= 2;
    }
}
