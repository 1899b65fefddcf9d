namespace VMSeed.Gslb.Mirrors;

/// <summary>How an attempt ended: each is held against another party.</summary>
internal enum AttemptOutcome
{
    /// <summary>It has not ended.</summary>
    Live = 0,

    /// <summary>The content came, and was right where it was checked.</summary>
    Delivered = 1,

    /// <summary>Given up because another was quicker: a lower bound, no fault.</summary>
    Overtaken = 2,

    /// <summary>Given up by the caller: says nothing.</summary>
    Abandoned = 3,

    /// <summary>No connection, or one that broke, or a failed TLS handshake.</summary>
    Broken = 4,

    /// <summary>Too late, or no byte for too long, or too slow.</summary>
    TimedOut = 5,

    /// <summary>The server failed (5xx).</summary>
    ServerError = 6,

    /// <summary>The server wishes to be left alone for a while (429, or 503 with
    /// Retry-After).</summary>
    Busy = 7,

    /// <summary>The mirror has no such file, or an older one (404, 410, 412).</summary>
    Missing = 8,

    /// <summary>The content is right but older than what is known: asked elsewhere, nobody's
    /// fault.</summary>
    Stale = 9,

    /// <summary>The answer is not the form of what was asked for: another range, a content
    /// coding, a redirect that is not followed.</summary>
    Malformed = 10,

    /// <summary>A page for a human, where a file was asked for: mostly a portal on the
    /// way.</summary>
    Page = 11,

    /// <summary>Wrong bytes.</summary>
    Corrupt = 12,

    /// <summary>Wrong bytes that a cache on the way may have made: asked elsewhere at once,
    /// nobody's fault until the mirror has been asked again past caches.</summary>
    Suspect = 13,

    /// <summary>A proxy on the way answered for itself: the mirror has not been asked.</summary>
    Proxied = 14,
}
