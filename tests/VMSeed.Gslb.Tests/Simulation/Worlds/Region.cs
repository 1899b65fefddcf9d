namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Where clients are.</summary>
internal enum Region
{
    /// <summary>Near seven of the thirteen mirrors.</summary>
    Tokyo = 0,

    /// <summary>Near three.</summary>
    Frankfurt = 1,

    /// <summary>Near three.</summary>
    Washington = 2,

    /// <summary>Near none.</summary>
    Sydney = 3,
}
