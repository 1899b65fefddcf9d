using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>A random site of the nearest region, for good: a name service that knows where
/// clients are.</summary>
internal sealed class DnsStatic(Random random) : Baseline
{
    private int _site = -1;

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable)
    {
        if (_site < 0)
        {
            int[][] regions = [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9, 10, 11, 12]];
            int[] near = regions.MinBy(sites => sites.Average(network.World.TripTo))!;
            _site = near[random.Next(near.Length)];
        }

        return usable.Contains(_site) ? _site : usable.MinBy(network.World.TripTo);
    }
}
