namespace VMSeed.Gslb.Selection;

/// <summary>How many requests a site is given at once: one more for each round of successes,
/// seven tenths after a sign of overload (additive increase, multiplicative decrease).</summary>
/// <param name="most">The most that it grows to, 1 to <see cref="Most"/>.</param>
internal sealed class SiteLimit(int most = SiteLimit.Most)
{
    /// <summary>The most of the most. A far path needs more bytes in flight, which larger requests
    /// bring.</summary>
    public const int Most = 16;

    // At the beginning: what fills a line over a short path.
    private const double First = 4;

    private const double Decrease = 0.7;

    // Growing ends where the first byte takes half as long again as it can: a queue is there.
    private const double QueueFactor = 1.5;

    private double _limit = Math.Min(First, most);

    /// <summary>How many.</summary>
    public int Value => (int)_limit;

    /// <summary>A request has succeeded.</summary>
    /// <param name="inFlight">Requests that the site had with it.</param>
    /// <param name="firstByte">Milliseconds to its first byte.</param>
    /// <param name="least">The fewest that have been seen.</param>
    public void Succeed(int inFlight, double firstByte, double least)
    {
        // Growth that nobody uses would make the limit meaningless.
        if (inFlight * 2 >= _limit && firstByte <= (QueueFactor * least) + 10)
        {
            _limit = Math.Min(_limit + (1 / _limit), most);
        }
    }

    /// <summary>A request was too late, or turned away.</summary>
    public void Fail() => _limit = Math.Max(_limit * Decrease, 1);

    /// <summary>The site comes back: one at first.</summary>
    public void Restart() => _limit = 1;
}
