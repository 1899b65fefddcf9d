namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>What happens in a world.</summary>
internal sealed record WorldPlan
{
    /// <summary>Whether sites fail at random.</summary>
    public bool HasFaults { get; init; } = true;

    /// <summary>Whether load changes.</summary>
    public bool HasRegimes { get; init; } = true;

    /// <summary>How the best site fails every 100 s, for 40; null: in any way.</summary>
    public Fault? OfBest { get; init; }

    /// <summary>Whether the best site fails at all.</summary>
    public bool BestFails { get; init; } = true;

    /// <summary>Other clients at the same sites.</summary>
    public Crowd? Crowd { get; init; }
}
