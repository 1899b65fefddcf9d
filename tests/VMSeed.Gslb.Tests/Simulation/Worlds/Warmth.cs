namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>What a request finds ready.</summary>
internal enum Warmth
{
    /// <summary>No connection.</summary>
    None = 0,

    /// <summary>A connection that starts slowly.</summary>
    Connection = 1,

    /// <summary>A connection with an open window.</summary>
    Window = 2,
}
