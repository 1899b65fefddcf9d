using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching;

/// <summary>Where a block lies in a cache. Worth keeping: it tells by itself when it is no longer
/// true.</summary>
/// <remarks>The default value is no place. A place that a read has refused is of no further
/// use.</remarks>
/// <param name="Slot">The directory slot of its entry.</param>
/// <param name="Unit">The first 4 KiB unit of its bytes; 0 is no place.</param>
/// <param name="Generation">The slot's generation when the entry was seen.</param>
/// <param name="Shape">The entry's lengths and codec.</param>
/// <param name="Stamp">Tells the entry from every other that its slot has had.</param>
internal readonly record struct BlockPlace(
    int Slot, uint Unit, uint Generation, EntryShape Shape, ulong Stamp)
{
    /// <summary>Whether this is a place at all.</summary>
    public bool Exists => Unit != 0;

    /// <summary>The block's plain length in bytes.</summary>
    public int Length => Shape.Length;

    /// <summary>Units that it occupies.</summary>
    public int Units => Shape.Units;
}
