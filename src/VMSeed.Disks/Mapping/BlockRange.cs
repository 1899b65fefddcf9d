namespace VMSeed.Disks.Mapping;

/// <summary>Bytes of a block.</summary>
/// <param name="Start">The first, counted from the block's beginning.</param>
/// <param name="Length">How many.</param>
internal readonly record struct BlockRange(int Start, int Length)
{
    public int End => Start + Length;
}
