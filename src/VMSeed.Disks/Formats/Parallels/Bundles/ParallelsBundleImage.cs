using VMSeed.Blocks;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>An open bundle.</summary>
internal sealed class ParallelsBundleImage : DiskImage
{
    private readonly IReadOnlyList<BundlePart> _parts;

    public ParallelsBundleImage(
        OpenRequest request, BundleDescriptor descriptor, IReadOnlyList<BundlePart> parts)
    {
        _parts = parts;
        Disk = new BundleDisk(parts, request.Options.LeaveOpen ? null : request.File);
        Info = new DiskInfo
        {
            Format = DiskFormat.Parallels,
            Variant = "bundle",
            BlockSize = parts[0].Storage.ClusterSectors * ParallelsConstants.SectorSize,
            SectorSize = descriptor.SectorSize,
            IsUnclean = parts.Any(part => part.IsUnclean),
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        foreach (BundlePart part in _parts)
        {
            await part.CheckAsync(tally, repair, progress, cancellationToken)
                .ConfigureAwait(false);
        }

        return tally.Report();
    }
}
