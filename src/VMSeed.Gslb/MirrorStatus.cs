using VMSeed.Gslb.Health;

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

    /// <summary>Bytes of bodies that it sent.</summary>
    public required long Bytes { get; init; }

    /// <summary>Requests that broke, were too late, or that the server failed.</summary>
    public required long Failures { get; init; }

    /// <summary>Requests for what it does not have, or has in an older version.</summary>
    public required long Missing { get; init; }

    /// <summary>Answers with wrong bytes.</summary>
    public required long Corrupt { get; init; }

    /// <summary>How often it was put out of use for failures.</summary>
    public required int Ejections { get; init; }
}
