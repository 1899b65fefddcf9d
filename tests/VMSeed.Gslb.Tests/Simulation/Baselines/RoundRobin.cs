using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>One site after the other.</summary>
internal sealed class RoundRobin : Baseline
{
    private int _next;

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable) =>
        usable[_next++ % usable.Count];
}
