namespace VMSeed.Gslb.Estimation;

/// <summary>What is expected of one site, from what it did.</summary>
/// <remarks>
/// The time to the first byte is a mean with its mean absolute deviation, hardened against
/// outliers; bandwidth is a mean of logarithms, for it varies by factors. What has not been seen
/// for a while is not forgotten towards zero, as others do (a far site would look near again), but
/// towards the best that the site has shown: its round trip and its peak bandwidth.
/// </remarks>
internal sealed class SiteEstimate
{
    // A mean over some ten samples: fewer follow noise, more miss a site that becomes slow.
    private const double Gain = 0.2;

    // One stall says little of the next request, and hedges take care of it: a sample counts for
    // at most so many deviations, so that only several in a row move the mean far.
    private const double MostDeviations = 2;

    // A site that never varied must be able to begin.
    private const double LeastStep = 0.1;

    // Bad news fades, distance does not: in so many milliseconds of silence, half of what is worse
    // than the site's best is forgotten. Slower: a site that got well is not tried again; faster:
    // one that is ill is tried all the time.
    private const double HalfLife = 20_000;

    private const double BandwidthGain = 0.3;

    // The best times are remembered for some ten samples.
    private const double PeakGain = 0.1;

    // How much less what is remembered is worth than what was measured in this run, and the age, in
    // milliseconds, at which that is twice as much: half a week.
    private const double LeastDoubt = 2;
    private const double DoubtTwiceAfter = 3.5 * 86_400_000;

    // A first answer that takes so many times as long as is remembered, and more than this machine
    // may be late by itself, is that of another network, or of a mirror that has moved: nothing of
    // it holds. Lower: a queue would refute it. One that is quicker corrects it as any answer does.
    private const double RefutedBy = 3;
    private const double OwnDelay = 20;

    // How far failures bring the bandwidth down: it is also what a body is held to, and one that is
    // halved without end would let a site drip for ever.
    private const double MostPunished = 32;

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

    /// <summary>The bandwidth in its better times, in bytes per millisecond.</summary>
    public double PeakBandwidth { get; private set; }

    /// <summary>The time to the first byte as it is believed after a silence.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Milliseconds.</returns>
    public double FirstByteAt(double now) => Trip + ((FirstByte - Trip) * BeliefAt(now));

    /// <summary>The bandwidth as it is believed after a silence.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Bytes per millisecond, 0 while not measured.</returns>
    public double BandwidthAt(double now) =>
        Bandwidth + ((PeakBandwidth - Bandwidth) * (1 - BeliefAt(now)));

    private double BeliefAt(double now) => double.Exp2(-Math.Max(now - SampledAt, 0) / HalfLife);

    /// <summary>Whether anything has been measured.</summary>
    public bool IsKnown => Samples > 0;

    /// <summary>Whether all that is known is from before: nothing has been measured
    /// since.</summary>
    public bool IsPrior { get; private set; }

    /// <summary>Begins with what was known before, with twice the doubt, and more the older it
    /// is.</summary>
    /// <param name="firstByte">Milliseconds to the first byte.</param>
    /// <param name="deviation">Its deviation.</param>
    /// <param name="roundTrip">The shortest round trip.</param>
    /// <param name="bandwidth">Bytes per millisecond.</param>
    /// <param name="age">Milliseconds since it was measured.</param>
    /// <param name="now">The time.</param>
    public void Restore(
        double firstByte,
        double deviation,
        double roundTrip,
        double bandwidth,
        double age,
        double now)
    {
        double doubt = LeastDoubt * (1 + Math.Min(age / DoubtTwiceAfter, 1));
        (FirstByte, Deviation, RoundTrip) = (firstByte, doubt * deviation, roundTrip);
        Bandwidth = PeakBandwidth = bandwidth;
        (SampledAt, Samples, IsPrior) = (now - age, 1, true);
    }

    /// <summary>Takes the time that a first byte took.</summary>
    /// <param name="elapsed">Milliseconds since the request was sent on a ready
    /// connection.</param>
    /// <param name="now">The time.</param>
    public void TakeFirstByte(double elapsed, double now)
    {
        if (IsPrior)
        {
            ForgetWhatIsRefuted(elapsed);
        }

        RoundTrip = Math.Min(RoundTrip, elapsed);
        SampledAt = now;
        if (Samples++ == 0)
        {
            FirstByte = elapsed;
            Deviation = elapsed / 2;
            return;
        }

        double error = elapsed - FirstByte;
        double most = (MostDeviations * Deviation) + (LeastStep * FirstByte);
        double clipped = Math.Min(error, most);
        FirstByte += clipped * Gain;
        Deviation += (Math.Min(Math.Abs(error), 2 * most) - Deviation) * Gain;
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
        PeakBandwidth = Math.Max(speed, PeakBandwidth + (PeakGain * (speed - PeakBandwidth)));
        Bandwidth = Bandwidth == 0
            ? speed
            : Math.Exp(Math.Log(Bandwidth)
                + (BandwidthGain * (Math.Log(speed) - Math.Log(Bandwidth))));
    }

    /// <summary>Takes the time that a connection took: one round trip.</summary>
    /// <param name="elapsed">Milliseconds.</param>
    public void TakeConnect(double elapsed) => RoundTrip = Math.Min(RoundTrip, elapsed);

    /// <summary>It comes back from an ejection: what it was like before its failures
    /// counts.</summary>
    public void Renew()
    {
        FirstByte = Trip;
        Bandwidth = PeakBandwidth;
    }

    /// <summary>Takes note of a failure: it is worth less than its times say.</summary>
    public void Punish()
    {
        FirstByte *= 1.5;
        Bandwidth = Math.Max(Bandwidth / 2, Math.Min(Bandwidth, PeakBandwidth / MostPunished));
    }

    // A round trip is kept for good, as the shortest: one of another network must not be.
    private void ForgetWhatIsRefuted(double elapsed)
    {
        IsPrior = false;
        if (elapsed > (FirstByte * RefutedBy) + OwnDelay)
        {
            (Samples, RoundTrip, Bandwidth, PeakBandwidth) =
                (0, double.PositiveInfinity, 0, 0);
        }
    }
}
