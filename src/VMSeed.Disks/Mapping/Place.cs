using VMSeed.Blocks;

namespace VMSeed.Disks.Mapping;

/// <summary>Where a block lies.</summary>
/// <param name="Store">What holds it.</param>
/// <param name="Offset">Where the block's first byte is, in bytes.</param>
/// <param name="IsNew">Whether nothing points at it yet, so that it can be given back.</param>
/// <param name="IsZero">Whether all of it is known to read as zeros.</param>
/// <param name="IsWhole">Whether all of the block has to be written there, for what it held so far
/// lies elsewhere.</param>
internal readonly record struct Place(
    BlockDevice Store, long Offset, bool IsNew, bool IsZero, bool IsWhole = false);
