namespace VMSeed.Disks.Archives;

/// <summary>A part of a sparse file that an archive holds.</summary>
/// <param name="Offset">Where in the file, in bytes.</param>
/// <param name="Length">How far.</param>
/// <param name="Place">Where in the archive.</param>
internal readonly record struct TarRegion(long Offset, long Length, long Place);
