using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb;

/// <summary>Requests to a mirror that brought nothing, by what happened.</summary>
/// <remarks>A request that was given up because another was quicker, or by its caller, is none of
/// them.</remarks>
public readonly record struct MirrorFailures
{
    /// <summary>No connection, or one that broke, or a failed TLS handshake.</summary>
    public long Broken { get; init; }

    /// <summary>Too late, or no byte for too long, or too slow.</summary>
    public long TimedOut { get; init; }

    /// <summary>The server failed (5xx).</summary>
    public long ServerErrors { get; init; }

    /// <summary>The server asked to be left alone (429, or 503 with Retry-After).</summary>
    public long Busy { get; init; }

    /// <summary>There was no such file (404, 410, 412).</summary>
    public long Missing { get; init; }

    /// <summary>The file was right, but older than what is known.</summary>
    public long Stale { get; init; }

    /// <summary>The answer was not of the form that was asked for: another range, a content coding,
    /// a redirect that is not followed.</summary>
    public long Malformed { get; init; }

    /// <summary>A page for a human came where a file was asked for: mostly a portal on the
    /// way.</summary>
    public long Pages { get; init; }

    /// <summary>Wrong bytes, for which the mirror was blamed, or would have been if others had not
    /// been wrong at the same time.</summary>
    public long Corrupt { get; init; }

    /// <summary>Wrong bytes that a cache on the way may have made; where the mirror was asked again
    /// past caches and was wrong again, <see cref="Corrupt"/> counts that as well.</summary>
    public long Suspect { get; init; }

    /// <summary>A proxy on the way answered for itself; the mirror was not asked.</summary>
    public long Proxied { get; init; }

    /// <summary>Counts the ends of a mirror's requests.</summary>
    /// <param name="ends">How many ended in each way, by <see cref="AttemptOutcome"/>.</param>
    /// <returns>Those that brought nothing.</returns>
    internal static MirrorFailures Of(ReadOnlySpan<long> ends) => new()
    {
        Broken = ends[(int)AttemptOutcome.Broken],
        TimedOut = ends[(int)AttemptOutcome.TimedOut],
        ServerErrors = ends[(int)AttemptOutcome.ServerError],
        Busy = ends[(int)AttemptOutcome.Busy],
        Missing = ends[(int)AttemptOutcome.Missing],
        Stale = ends[(int)AttemptOutcome.Stale],
        Malformed = ends[(int)AttemptOutcome.Malformed],
        Pages = ends[(int)AttemptOutcome.Page],
        Corrupt = ends[(int)AttemptOutcome.Corrupt],
        Suspect = ends[(int)AttemptOutcome.Suspect],
        Proxied = ends[(int)AttemptOutcome.Proxied],
    };
}
