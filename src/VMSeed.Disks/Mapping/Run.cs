using VMSeed.Blocks;

namespace VMSeed.Disks.Mapping;

/// <summary>What lies at an offset of a disk, and how far.</summary>
/// <param name="Kind">Where the bytes are.</param>
/// <param name="Length">How far this holds, in bytes; at least 1.</param>
/// <param name="Store">Data: what holds them.</param>
/// <param name="Offset">Data: where they begin in the store. Packed: the format's own word for
/// where the unit lies.</param>
/// <param name="Unit">Packed: where on the disk the unit begins. A run never goes past its
/// unit.</param>
/// <param name="IsShared">Data: whether others, a snapshot for one, hold these bytes too: they are
/// not written in their place.</param>
internal readonly record struct Run(
    RunKind Kind,
    long Length,
    BlockDevice? Store = null,
    long Offset = 0,
    long Unit = 0,
    bool IsShared = false)
{
    /// <summary>Whether the bytes are the image's own, to be written where they are.</summary>
    public bool IsOwn => Kind == RunKind.Data && !IsShared;

    public static Run Zero(long length) => new(RunKind.Zero, length);

    public static Run Parent(long length) => new(RunKind.Parent, length);

    public static Run Data(BlockDevice store, long offset, long length) =>
        new(RunKind.Data, length, store, offset);

    public static Run Packed(long unit, long place, long length) =>
        new(RunKind.Packed, length, null, place, unit);
}
