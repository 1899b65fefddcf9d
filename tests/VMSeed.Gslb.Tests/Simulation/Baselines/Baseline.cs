using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>Another rule for the choice of a site.</summary>
internal abstract class Baseline
{
    /// <summary>Chooses a site that has not been tried for a request.</summary>
    public abstract int Choose(Network network, SimRequest request, IReadOnlyList<int> usable);

    /// <summary>A request begins.</summary>
    public virtual void OnSent(int site, double now)
    {
    }

    /// <summary>A request has ended, well or not, or was given up.</summary>
    public virtual void OnEnded(int site, double elapsed, bool isDelivered, double now)
    {
    }
}
