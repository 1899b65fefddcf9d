namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>What is wrong with a site for a while.</summary>
internal enum Fault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Connections are refused, and open ones are reset.</summary>
    Refuse = 1,

    /// <summary>Nothing comes back.</summary>
    BlackHole = 2,

    /// <summary>The line has a twenty-fifth of its capacity.</summary>
    Slow = 3,

    /// <summary>Each request is answered with 503.</summary>
    Unavailable = 4,

    /// <summary>Bodies are wrong.</summary>
    Corrupt = 5,

    /// <summary>Bodies stop in the middle.</summary>
    BodyStall = 6,

    /// <summary>Files are not there: 404.</summary>
    Stale = 7,
}
