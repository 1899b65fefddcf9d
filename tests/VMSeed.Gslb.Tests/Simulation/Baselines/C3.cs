using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>All sites scored by mean latency and the cube of what is outstanding (C3 of NSDI
/// 2015), without the servers' feedback, which web servers do not give.</summary>
internal sealed class C3(Random random) : Baseline
{
    private const double Gain = 0.1;
    private readonly double[] _latency = new double[World.Count];
    private readonly int[] _pending = new int[World.Count];

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable)
    {
        int best = usable[0];
        double least = double.PositiveInfinity;
        foreach (int site in usable)
        {
            // Sites without history come first, in random order: each is measured once.
            double queue = 1 + _pending[site];
            double score = _latency[site] == 0
                ? random.NextDouble() - (2 - queue)
                : _latency[site] * queue * queue * queue;
            if (score < least)
            {
                (best, least) = (site, score);
            }
        }

        return best;
    }

    public override void OnSent(int site, double now) => _pending[site]++;

    public override void OnEnded(int site, double elapsed, bool isDelivered, double now)
    {
        _pending[site]--;
        _latency[site] = _latency[site] == 0
            ? elapsed : (_latency[site] * (1 - Gain)) + (elapsed * Gain);
    }
}
