using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Reading.Resident;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>A leaf of the index in memory, with what is known of its blocks' whereabouts.</summary>
internal sealed class IndexLeaf(long number, FrameTable? table)
{
    private readonly ResidentBlock?[]? _residents =
        table is null ? null : new ResidentBlock?[table.Blocks.Length];

    public long Number => number;

    /// <summary>Whether the leaf, and perhaps the whole subtree that it stands for, is
    /// zeros.</summary>
    public bool IsZero => table is null;

    public FrameTable Table => table!;

    /// <summary>Set by readers, cleared when the table of leaves looks for room.</summary>
    public bool Visited { get; set; }

    public bool IsZeroBlock(int place) => table is null || table.Blocks[place].IsZero;

    public ResidentBlock? Resident(int place) =>
        _residents is null ? null : Volatile.Read(ref _residents[place]);

    public void SetResident(int place, ResidentBlock? resident) =>
        Volatile.Write(ref _residents![place], resident);
}
