namespace VMSeed.Testing.Servers.Proxies;

/// <summary>One line that all connections of a proxy share: bytes go over it one after the
/// other.</summary>
internal sealed class SharedLine
{
    private readonly Lock _gate = new();
    private double _freeAt = double.NegativeInfinity;

    /// <summary>Sends bytes.</summary>
    /// <param name="count">How many.</param>
    /// <param name="at">When they are ready, in milliseconds.</param>
    /// <param name="bytesPerSecond">How quick the line is now; 0 for no bound.</param>
    /// <returns>When the last of them has left.</returns>
    public double Send(int count, double at, double bytesPerSecond)
    {
        double duration = bytesPerSecond > 0 ? count * 1_000 / bytesPerSecond : 0;
        lock (_gate)
        {
            return _freeAt = Math.Max(at, _freeAt) + duration;
        }
    }
}
