namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>A part of the disk, with an image for each snapshot.</summary>
/// <param name="Start">Its first sector on the disk.</param>
/// <param name="End">The sector after its last.</param>
/// <param name="ClusterSectors">Sectors of a cluster of its images.</param>
/// <param name="Images">Its images, in no order.</param>
internal sealed record BundleStorage(
    long Start, long End, int ClusterSectors, IReadOnlyList<BundleImage> Images)
{
    public long Offset => Start * ParallelsConstants.SectorSize;

    public long Length => (End - Start) * ParallelsConstants.SectorSize;
}
