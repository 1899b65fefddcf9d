namespace VMSeed.Gslb.Health;

/// <summary>What may be asked of a site.</summary>
public enum SiteCondition
{
    /// <summary>Anything.</summary>
    Healthy = 0,

    /// <summary>It came back from an ejection, and is given load by and by.</summary>
    SlowStart = 1,

    /// <summary>Its ejection is over; one request that nobody waits for tells whether it is
    /// back.</summary>
    Probation = 2,

    /// <summary>Nothing for a while: it failed.</summary>
    Ejected = 3,

    /// <summary>Nothing for a while: it asked for that (Retry-After), or what it was late with came
    /// from others, twice in a row.</summary>
    Resting = 4,

    /// <summary>Nothing: it served wrong bytes.</summary>
    Quarantined = 5,
}
