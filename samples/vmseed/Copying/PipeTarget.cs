using VMSeed.Blocks;
using VMSeed.Disks;
using VMSeed.Disks.Converting;

namespace VMSeed.Tool.Copying;

/// <summary>A copy to the standard output, where zeros are bytes like all others.</summary>
internal sealed class PipeTarget : CopyTarget
{
    public override async Task FillAsync(
        BlockDevice source,
        DiskCopyOptions options,
        IProgress<CopyProgress> progress,
        CancellationToken cancellationToken)
    {
        await using StandardOutput output = new();
        await DiskConverter.CopyToStreamAsync(
            source, output, options, progress, cancellationToken);
    }
}
