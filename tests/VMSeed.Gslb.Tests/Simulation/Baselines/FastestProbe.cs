using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>Probes once, then chooses at random among sites within twice the shortest round
/// trip, for good, until one fails.</summary>
internal sealed class FastestProbe(Random random) : Baseline
{
    private int[]? _order;

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable)
    {
        if (_order is null)
        {
            int[] sites = [.. Enumerable.Range(0, World.Count).OrderBy(network.World.TripTo)];
            double limit = 2 * network.World.TripTo(sites[0]);
            int near = sites.Count(site => network.World.TripTo(site) < limit);
            random.Shuffle(sites.AsSpan(0, near));
            _order = sites;
        }

        return _order.First(usable.Contains);
    }
}
