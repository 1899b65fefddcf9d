namespace VMSeed.ImageBuilder.Inspection;

/// <summary>A partition of a seed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="AllocatedBytes">Bytes of it that the image's file has a place for.</param>
public sealed record SeedPartition(
    string Name, long Offset, long Length, long AllocatedBytes);
