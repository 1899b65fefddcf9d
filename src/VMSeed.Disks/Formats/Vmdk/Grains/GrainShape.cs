namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>How an extent is cut into grains and tables.</summary>
/// <param name="GrainSize">Bytes of a grain, a power of two.</param>
/// <param name="EntriesPerTable">Grains that a table tells of.</param>
/// <param name="EntrySize">Bytes of an entry.</param>
internal sealed record GrainShape(int GrainSize, int EntriesPerTable, int EntrySize)
{
    /// <summary>What a table covers, in bytes.</summary>
    public long Coverage { get; } = (long)GrainSize * EntriesPerTable;

    /// <summary>Whether an entry of 1 is a grain of zeros.</summary>
    public bool HasZeroGrains { get; init; }
}
