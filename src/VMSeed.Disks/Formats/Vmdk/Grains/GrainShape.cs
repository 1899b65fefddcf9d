using System.Numerics;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>How an extent is cut into grains and tables.</summary>
/// <param name="GrainSize">Bytes of a grain, a power of two.</param>
/// <param name="EntriesPerTable">Grains that a table tells of.</param>
/// <param name="EntrySize">Bytes of an entry.</param>
internal sealed record GrainShape(int GrainSize, int EntriesPerTable, int EntrySize)
{
    /// <summary>What a table covers, in bytes.</summary>
    public long Coverage { get; } = (long)GrainSize * EntriesPerTable;

    /// <summary>The base 2 logarithm of a grain's bytes.</summary>
    public int GrainBits { get; } = BitOperations.Log2((uint)GrainSize);

    /// <summary>Whether an entry of 1 is a grain of zeros.</summary>
    public bool HasZeroGrains { get; init; }

    /// <summary>Which table tells of an offset, and which of its entries.</summary>
    public (long Table, long Index) Find(long offset) =>
        Math.DivRem(offset >> GrainBits, EntriesPerTable);

    /// <summary>How far into its grain an offset is.</summary>
    public int Within(long offset) => (int)offset & (GrainSize - 1);
}
