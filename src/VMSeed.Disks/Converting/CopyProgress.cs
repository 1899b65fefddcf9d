namespace VMSeed.Disks.Converting;

/// <summary>How far a copy is.</summary>
/// <param name="DoneBytes">Bytes of the disk that are copied, or known to be zeros.</param>
/// <param name="TotalBytes">Bytes in all.</param>
public readonly record struct CopyProgress(long DoneBytes, long TotalBytes);
