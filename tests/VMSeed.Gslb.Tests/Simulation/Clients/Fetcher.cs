using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>A client's way to fetch: a policy under test.</summary>
internal abstract class Fetcher
{
    /// <summary>Fetches.</summary>
    /// <param name="request">What.</param>
    /// <param name="done">Hears whether it came, and from which site.</param>
    public abstract void Fetch(SimRequest request, Action<FetchResult> done);
}
