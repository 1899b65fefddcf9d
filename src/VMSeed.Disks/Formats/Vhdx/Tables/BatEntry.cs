namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>An entry of the block allocation table: a state in bits 0 to 2, a place in units of
/// 1 MiB in bits 20 to 63 (2.5.1).</summary>
/// <param name="Value">The entry.</param>
internal readonly record struct BatEntry(ulong Value)
{
    public const int Size = sizeof(ulong);

    private const ulong StateMask = 7;
    private const ulong OffsetMask = ~(ulong)(VhdxConstants.MiB - 1);

    public BatEntry(BlockState state, long offset)
        : this((ulong)offset | (ulong)state)
    {
    }

    public BlockState State => (BlockState)(Value & StateMask);

    /// <summary>Where the block begins; beyond any file when the entry is noise, and never so far
    /// that a sum could overflow.</summary>
    public long Offset =>
        (long)Math.Min(Value & OffsetMask, (ulong)VhdxConstants.GreatestFileLength);

    public bool HasReservedBits => (Value & ~(OffsetMask | StateMask)) != 0;

    /// <summary>Whether the block, or part of it, is in the file.</summary>
    public bool HasPlace => State is BlockState.Present or BlockState.Partial;

    /// <summary>Whether the state is one that the format has.</summary>
    public bool IsKnown => State <= BlockState.Unmapped || HasPlace;
}
