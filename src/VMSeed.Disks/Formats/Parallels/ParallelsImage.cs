using VMSeed.Blocks;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>An open image of a single file.</summary>
internal sealed class ParallelsImage(ParallelsFile file) : DiskImage
{
    public override BlockDevice Disk => file.Disk;

    public override DiskInfo Info { get; } = new()
    {
        Format = DiskFormat.Parallels,
        Variant = $"v{file.Header.Generation}",
        BlockSize = file.Header.ClusterSize,
        IsUnclean = file.IsUnclean,
    };

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        await file.CheckAsync(tally, repair, progress, cancellationToken).ConfigureAwait(false);
        return tally.Report();
    }
}
