namespace VMSeed.Disks.Converting;

/// <summary>A part of a copy that is read and written at once.</summary>
/// <param name="Offset">Where in the target it goes, in bytes.</param>
/// <param name="Length">How long it is; data is never longer than a piece.</param>
/// <param name="IsZero">Whether the map says that all of it is zeros.</param>
internal readonly record struct CopyPiece(long Offset, long Length, bool IsZero);
