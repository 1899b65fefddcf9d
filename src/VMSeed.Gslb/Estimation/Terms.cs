namespace VMSeed.Gslb.Estimation;

/// <summary>The terms that a request meets at a site.</summary>
/// <param name="SetUps">Round trips before it can be sent: 0 over an open connection, 1 over TCP,
/// 2 over TLS 1.3.</param>
/// <param name="IsFast">Whether the sender's window is open already.</param>
/// <param name="Others">Requests that share the line.</param>
internal readonly record struct Terms(int SetUps, bool IsFast, int Others)
{
    /// <summary>The bytes of the first ten segments (RFC 6928).</summary>
    private const double InitialWindow = 14_600;

    // Requests in flight share the line with what comes, but not for its whole duration.
    private const double SharingWeight = 0.5;

    /// <summary>How much longer the line takes than if it were alone.</summary>
    public double Sharing => 1 + (SharingWeight * Others);

    /// <summary>Round trips that slow start costs: the window doubles in each (RFC 5681 section
    /// 3.1).</summary>
    /// <param name="length">Bytes.</param>
    /// <returns>The round trips.</returns>
    public double RoundsOf(long length) =>
        IsFast ? 0 : Math.Max(Math.Ceiling(Math.Log2((length / InitialWindow) + 1)) - 1, 0);
}
