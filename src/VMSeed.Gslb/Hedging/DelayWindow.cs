namespace VMSeed.Gslb.Hedging;

/// <summary>How much longer than predicted fetches take: the last 64, in order.</summary>
/// <remarks>A hedge is due where an attempt takes longer than nearly all others did, measured in
/// multiples of what was predicted for it, so that near and far sites, small and large requests
/// teach each other.</remarks>
internal sealed class DelayWindow
{
    // Fewer follow noise; more remember a network that was left.
    private const int Length = 64;

    // The delay's bounds as multiples of the prediction. Below the least, hedges compete with
    // answers that are on time; above the most, the tail is not cut.
    private const double Least = 1.3;
    private const double Most = 4;
    private const double Unmeasured = 2;
    private const double Share = 0.95;

    private readonly double[] _ring = new double[Length];
    private readonly double[] _sorted = new double[Length];
    private int _count;
    private int _next;

    /// <summary>Takes a fetch.</summary>
    /// <param name="ratio">Its duration over its prediction.</param>
    public void Take(double ratio)
    {
        if (_count == Length)
        {
            Remove(_ring[_next]);
        }

        _ring[_next] = ratio;
        _next = (_next + 1) % Length;
        Insert(ratio);
    }

    /// <summary>The multiple of its prediction after which an attempt is late.</summary>
    public double Factor => _count < Length / 4
        ? Unmeasured
        : Math.Clamp(_sorted[(int)(Share * (_count - 1))], Least, Most);

    private void Insert(double ratio)
    {
        int at = Find(ratio);
        _sorted.AsSpan(at, _count - at).CopyTo(_sorted.AsSpan(at + 1));
        _sorted[at] = ratio;
        _count++;
    }

    private void Remove(double ratio)
    {
        int at = Find(ratio);
        _sorted.AsSpan(at + 1, _count - at - 1).CopyTo(_sorted.AsSpan(at));
        _count--;
    }

    private int Find(double ratio)
    {
        int at = _sorted.AsSpan(0, _count).BinarySearch(ratio);
        return at < 0 ? ~at : at;
    }
}
