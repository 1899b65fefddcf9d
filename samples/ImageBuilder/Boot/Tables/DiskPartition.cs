namespace VMSeed.ImageBuilder.Boot.Tables;

/// <summary>A range of a disk that may hold a file system.</summary>
/// <param name="Number">The partition's number, as Linux counts; 0 for the whole disk.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Its size in bytes.</param>
internal sealed record DiskPartition(int Number, long Offset, long Length);
