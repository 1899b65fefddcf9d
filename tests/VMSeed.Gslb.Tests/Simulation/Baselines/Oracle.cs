using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>Knows how each request would go at each site.</summary>
internal sealed class Oracle : Baseline
{
    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable) =>
        usable.MinBy(site => network.Foresee(site, request).Total);
}
