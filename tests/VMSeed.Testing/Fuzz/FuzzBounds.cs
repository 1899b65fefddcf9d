namespace VMSeed.Testing.Fuzz;

/// <summary>What a hostile image may cost.</summary>
public sealed record FuzzBounds
{
    /// <summary>Bytes that an opening and the reading after it may allocate on its
    /// thread.</summary>
    /// <value>By default 32 MiB: more than any table that a format is allowed to hold.</value>
    public long MaxAllocated { get; init; } = 32 << 20;

    /// <summary>How long both may take before they count as hung.</summary>
    /// <value>By default a minute; alone on the machine they take milliseconds.</value>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes that are read from an image that opens: from its beginning, and as many from
    /// its end.</summary>
    /// <value>By default 4 MiB, for the disk may claim to be exabytes long.</value>
    public int MaxRead { get; init; } = 4 << 20;
}
