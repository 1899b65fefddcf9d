using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Selection;

/// <summary>A mirror, and all that is known of it.</summary>
/// <param name="mirror">The mirror.</param>
/// <param name="index">Its bit in a <see cref="SiteSet"/>, below its capacity.</param>
/// <param name="random">Chance, from 0 to 1.</param>
/// <param name="mostInFlight">Requests that it is given at once, at the most.</param>
internal sealed class Site(
    Mirror mirror, int index, Func<double> random, int mostInFlight = SiteLimit.Most)
{
    private SiteMemory? _recalled;
    private double _recalledAt;

    /// <summary>The mirror. What is said of it may change, its address does not.</summary>
    public Mirror Mirror { get; set; } = mirror;

    /// <summary>Its bit in a <see cref="SiteSet"/>; no other site of the selector has it at the
    /// same time.</summary>
    public int Index { get; } = index;

    /// <summary>What is expected of it.</summary>
    public SiteEstimate Estimate { get; } = new();

    /// <summary>Whether it may be asked.</summary>
    public SiteHealth Health { get; } = new(random);

    /// <summary>What it had not when it was asked.</summary>
    public LackedFiles Lacked { get; } = new();

    /// <summary>Its idle connections.</summary>
    public SiteConnections Connections { get; } = new();

    /// <summary>How many requests it is given at once.</summary>
    public SiteLimit Limit { get; } = new(mostInFlight);

    /// <summary>Requests that it has now.</summary>
    public int InFlight { get; set; }

    /// <summary>When it was asked last, in milliseconds of the selector's clock.</summary>
    public double AskedAt { get; set; } = double.NegativeInfinity;

    /// <summary>Since when it owes an answer that is late; infinite while it owes none.</summary>
    /// <remarks>What is on its way tells of a site before it ends: the first late request sends
    /// the others elsewhere, and the next byte calls them back.</remarks>
    public double LateSince { get; set; } = double.PositiveInfinity;

    /// <summary>Requests that it was given.</summary>
    public long Requests { get; set; }

    /// <summary>Bytes that it delivered.</summary>
    public long Bytes { get; set; }

    /// <summary>How often an attempt ended in each way, by <see cref="AttemptOutcome"/>.</summary>
    public long[] Ends { get; } = new long[(int)AttemptOutcome.Proxied + 1];

    /// <summary>What is worth keeping.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Null while nothing is known.</returns>
    public SiteMemory? Remember(double now)
    {
        double quarantine = Health.QuarantinedFor(now);
        if (_recalled is { } recalled && Estimate.IsPrior)
        {
            // As it was: doubt must not grow with each run in which nobody asked.
            return recalled with
            {
                Age = recalled.Age + now - _recalledAt,
                QuarantinedFor = quarantine,
            };
        }

        return Estimate.IsKnown || quarantine > 0
            ? new SiteMemory(
                Estimate.FirstByte,
                Estimate.Deviation,
                Estimate.Trip,
                Estimate.Bandwidth,
                Estimate.IsKnown ? now - Estimate.SampledAt : 0,
                quarantine)
            : null;
    }

    /// <summary>Begins with what was kept.</summary>
    /// <param name="memory">What was kept.</param>
    /// <param name="now">The time.</param>
    public void Recall(SiteMemory memory, double now)
    {
        if (memory.FirstByte > 0)
        {
            Estimate.Restore(
                memory.FirstByte,
                memory.Deviation,
                memory.RoundTrip,
                memory.Bandwidth,
                memory.Age,
                now);
            (_recalled, _recalledAt) = (memory, now);
        }

        if (memory.QuarantinedFor > 0)
        {
            Health.Recall(now + memory.QuarantinedFor);
        }
    }

    /// <summary>What a request would meet.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The terms.</returns>
    public Terms TermsAt(double now)
    {
        (bool isOpen, bool isFast) = Connections.At(now);
        int setUps = isOpen ? 0 : Mirror.Address.Scheme == Uri.UriSchemeHttps ? 2 : 1;
        return new Terms(setUps, isFast, InFlight);
    }
}
