using VMSeed.Gslb.Health;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb;

/// <summary>What is known of a mirror at one moment.</summary>
public sealed record MirrorStatus
{
    /// <summary>The mirror's root.</summary>
    public required Uri Address { get; init; }

    /// <summary>What may be asked of it.</summary>
    public required SiteCondition Condition { get; init; }

    /// <summary>Whether it is the one that an idle client would ask.</summary>
    public required bool IsPreferred { get; init; }

    /// <summary>The mean time from a request on a ready connection to the first byte; null while
    /// not measured.</summary>
    public required TimeSpan? FirstByte { get; init; }

    /// <summary>Bytes per second of one body that has the line for itself; null while not
    /// measured.</summary>
    public required double? Throughput { get; init; }

    /// <summary>Requests that it has now.</summary>
    public required int InFlight { get; init; }

    /// <summary>Requests that it is given at once, at the most.</summary>
    public required int ConcurrencyLimit { get; init; }

    /// <summary>Requests that it was given.</summary>
    public required long Requests { get; init; }

    /// <summary>Its share of the requests that the mirrors of the list were given, from 0 to
    /// 1.</summary>
    public double Share { get; init; }

    /// <summary>Bytes of bodies that it sent.</summary>
    public required long Bytes { get; init; }

    /// <summary>Requests that broke, were too late, or that the server failed.</summary>
    public required long Failures { get; init; }

    /// <summary>Requests for what it does not have, or has in an older version.</summary>
    public required long Missing { get; init; }

    /// <summary>Answers with wrong bytes.</summary>
    public required long Corrupt { get; init; }

    /// <summary>The requests that brought nothing, each kind by itself.</summary>
    public MirrorFailures FailuresByKind { get; init; }

    /// <summary>How often it was put out of use for failures.</summary>
    public required int Ejections { get; init; }

    /// <summary>Looks at a site.</summary>
    /// <param name="site">The site; nothing changes meanwhile.</param>
    /// <param name="isPreferred">Whether it is the preferred one.</param>
    /// <param name="total">Requests that all sites were given.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is known of it.</returns>
    internal static MirrorStatus Of(Site site, bool isPreferred, long total, double now)
    {
        MirrorFailures failures = MirrorFailures.Of(site.Ends);
        return new MirrorStatus
        {
            Address = site.Mirror.Address,
            Condition = site.Health.At(now),
            IsPreferred = isPreferred,
            FirstByte = site.Estimate.IsKnown
                ? TimeSpan.FromMilliseconds(site.Estimate.FirstByte) : null,
            Throughput = site.Estimate.Bandwidth > 0 ? site.Estimate.Bandwidth * 1_000 : null,
            InFlight = site.InFlight,
            ConcurrencyLimit = site.Limit.Value,
            Requests = site.Requests,
            Share = site.Requests / (double)Math.Max(total, 1),
            Bytes = site.Bytes,
            Failures = failures.Broken + failures.TimedOut + failures.ServerErrors
                + failures.Malformed,
            Missing = failures.Missing + failures.Stale,
            Corrupt = failures.Corrupt,
            FailuresByKind = failures,
            Ejections = site.Health.Ejections,
        };
    }
}
