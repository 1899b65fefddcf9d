using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2.Tables;

/// <summary>What an L2 entry says of the bytes from one of its cluster's on.</summary>
/// <param name="Kind">Where they are.</param>
/// <param name="Reach">How far it says the same, in bytes; never past the cluster.</param>
/// <param name="Offset">Data: where they begin in the file. Packed: the entry's descriptor.</param>
/// <param name="IsShared">Data: whether others, snapshots mostly, hold the cluster too.</param>
internal readonly record struct Qcow2Cell(
    RunKind Kind, long Reach, long Offset = 0, bool IsShared = false)
{
    /// <summary>Whether a neighbour goes on where this, so far, has come to.</summary>
    public bool GoesOn(Qcow2Cell next, long reach) => next.Kind == Kind
        && Kind != RunKind.Packed
        && (Kind != RunKind.Data
            || (next.Offset == Offset + reach && next.IsShared == IsShared));
}
