namespace VMSeed.Blocks.Primitives;

/// <summary>Bytes of a remote disk could not be had.</summary>
public sealed class BlockIOException : IOException
{
    /// <summary>Names a failure.</summary>
    /// <param name="reason">Missing, corrupt, unavailable or refused.</param>
    /// <param name="message">A sentence that names the object and the fact.</param>
    /// <param name="inner">What was caught below, where there is such a thing.</param>
    public BlockIOException(FailureReason reason, string message, Exception? inner = null)
        : base(message, inner)
    {
        Reason = reason;
        CanRetry = reason is FailureReason.Unavailable or FailureReason.Corrupt;
    }

    /// <summary>Missing, corrupt, unavailable or refused.</summary>
    public FailureReason Reason { get; }

    /// <summary>Whether the same request may succeed when it is made again.</summary>
    public bool CanRetry { get; init; }

    /// <summary>The server's wish for the time before the next try (Retry-After, RFC 9110 section
    /// 10.2.3).</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The object's path in the repository, or the address, whichever says more.</summary>
    public string? ObjectName { get; init; }
}
