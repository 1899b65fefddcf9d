namespace VMSeed.Blocks.Primitives;

/// <summary>A range of a device, in bytes, all of one kind.</summary>
/// <param name="Offset">Where the range begins, in bytes.</param>
/// <param name="Length">How far it goes, in bytes; never 0.</param>
/// <param name="Kind">What lies there.</param>
public readonly record struct Extent(long Offset, long Length, ExtentKind Kind)
{
    /// <summary>The first offset after the range.</summary>
    public long End => Offset + Length;
}
