namespace VMSeed.Gslb.Selection;

/// <summary>The idle connections that a site's pool should have now, told from what was
/// sent.</summary>
/// <remarks>The pool itself does not tell. It hands out the connection that was used last, and
/// so does this stack of times.</remarks>
internal sealed class SiteConnections
{
    // More than the largest limit of requests in flight are never idle at once.
    private const int Most = 16;

    // Servers close quiet connections after 5 to 75 s; the platform's pool after 60.
    private const double ClosedAfter = 30_000;

    // A sender that was quiet for a retransmission timeout starts slowly again (RFC 5681 section
    // 4.1); that is at most about a second.
    private const double WindowLostAfter = 1_000;

    private readonly double[] _idleSince = new double[Most];
    private int _count;

    /// <summary>What the next request would find.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Whether there is a connection, and whether its window is open.</returns>
    public (bool IsOpen, bool IsFast) At(double now)
    {
        double quiet = _count == 0 ? double.PositiveInfinity : now - _idleSince[_count - 1];
        return (quiet < ClosedAfter, quiet < WindowLostAfter);
    }

    /// <summary>A request takes one, or makes one.</summary>
    /// <param name="now">The time.</param>
    public void Take(double now)
    {
        if (!At(now).IsOpen)
        {
            _count = 0;
        }

        _count = Math.Max(_count - 1, 0);
    }

    /// <summary>A request has given one back.</summary>
    /// <param name="now">The time.</param>
    public void Return(double now)
    {
        if (_count == Most)
        {
            _idleSince.AsSpan(1).CopyTo(_idleSince);
            _count--;
        }

        _idleSince[_count++] = now;
    }
}
