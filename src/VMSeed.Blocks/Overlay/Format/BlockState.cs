namespace VMSeed.Blocks.Overlay.Format;

/// <summary>Where the bytes of a block are: two bits of the state map.</summary>
internal enum BlockState
{
    /// <summary>In the base: nobody has changed the block.</summary>
    Base = 0,

    /// <summary>In the overlay, at the block's own place.</summary>
    Data = 1,

    /// <summary>Nowhere: the block reads as zeros.</summary>
    Zero = 2,
}
