namespace VMSeed.Gslb.Hedging;

/// <summary>How many requests may be made again: a fifth of the requests of the last 10 s, and
/// two a second in any case.</summary>
/// <remarks>Where it is empty a retry waits for its token: it is late, and not lost.</remarks>
/// <param name="share">Retries for each request.</param>
internal sealed class RetryBudget(double share = RetryBudget.UsualShare)
{
    /// <summary>More would double the load on mirrors that fail under it, fewer would make
    /// readers wait while one mirror of several is ill.</summary>
    public const double UsualShare = 0.2;

    private const double FloorPerMillisecond = 0.002;
    private const double Memory = 10_000;
    private const double Floor = FloorPerMillisecond * Memory;

    // A client that makes a thousand requests a second needs no more retries at once.
    private const double Most = 200;

    // A wait that is shorter than a clock can tell would be none, and be asked for again.
    private const double LeastWait = 1;

    private double _tokens = Floor;
    private double _at;

    /// <summary>A request begins.</summary>
    public void Deposit() => _tokens = Math.Min(_tokens + share, Most);

    /// <summary>Takes the price of one retry.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Milliseconds to wait for it; 0 where it has been taken.</returns>
    public double TrySpend(double now)
    {
        Refill(now);
        if (_tokens >= 1)
        {
            _tokens--;
            return 0;
        }

        return Math.Max((1 - _tokens) / FloorPerMillisecond, LeastWait);
    }

    // What was saved up is forgotten in 10 s, down to the floor.
    private void Refill(double now)
    {
        double elapsed = Math.Max(now - _at, 0);
        _at = now;
        _tokens = _tokens < Floor
            ? Math.Min(_tokens + (elapsed * FloorPerMillisecond), Floor)
            : Floor + ((_tokens - Floor) * Math.Exp(-elapsed / Memory));
    }
}
