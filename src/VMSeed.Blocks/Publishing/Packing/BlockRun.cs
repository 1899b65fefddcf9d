namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Blocks that follow one another.</summary>
internal readonly record struct BlockRun(long First, long Count)
{
    /// <summary>The run without its first blocks.</summary>
    public BlockRun Skip(int count) => new(First + count, Count - count);
}
