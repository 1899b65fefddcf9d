namespace VMSeed.Gslb.Mirrors;

/// <summary>Who waits for a fetch.</summary>
internal enum FetchClass
{
    /// <summary>A reader waits: hedged, never an experiment.</summary>
    Demand = 0,

    /// <summary>Nobody waits: never hedged, and the place to try what is not known.</summary>
    Prefetch = 1,

    /// <summary>A small file that is asked for once, and that all else waits for: raced while
    /// mirrors are unknown.</summary>
    Head = 2,
}
