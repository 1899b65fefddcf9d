using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>The better of two random sites by a mean that follows peaks at once and decays in 10
/// s, times the requests in flight (Finagle, linkerd).</summary>
internal sealed class PeakEwma(Random random) : Baseline
{
    private const double Decay = 10_000;
    private readonly double[] _cost = new double[World.Count];
    private readonly double[] _at = new double[World.Count];
    private readonly int[] _pending = new int[World.Count];

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable)
    {
        int one = usable[random.Next(usable.Count)];
        int other = usable[random.Next(usable.Count)];
        double now = network.Time.Now;
        return Load(one, now) <= Load(other, now) ? one : other;
    }

    public override void OnSent(int site, double now) => _pending[site]++;

    public override void OnEnded(int site, double elapsed, bool isDelivered, double now)
    {
        _pending[site]--;
        Decayed(site, now);
        double weight = Math.Exp(-elapsed / Decay);
        _cost[site] = elapsed > _cost[site]
            ? elapsed : (_cost[site] * weight) + (elapsed * (1 - weight));
    }

    private double Load(int site, double now)
    {
        // A second for what is not known, so that unknown sites are not flooded.
        double cost = _at[site] == 0 ? 1_000 : Decayed(site, now);
        return cost * (_pending[site] + 1);
    }

    private double Decayed(int site, double now)
    {
        _cost[site] *= Math.Exp(-(now - _at[site]) / Decay);
        _at[site] = now;
        return _cost[site];
    }
}
