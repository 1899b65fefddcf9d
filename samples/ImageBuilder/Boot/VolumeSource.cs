using VMSeed.Blocks;
using VMSeed.ImageBuilder.Boot.FileSystems;
using VMSeed.ImageBuilder.Boot.Roots;
using VMSeed.ImageBuilder.Boot.Tables;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>Opens file systems of a disk by the program that reads them: where they lie, or in a
/// copy where the program cannot.</summary>
internal sealed class VolumeSource(BlockDevice disk, BootPackOptions options, WorkFolder work)
{
    private int _copies;

    /// <summary>Opens a partition's file system.</summary>
    public async Task<RootFiles> OpenAsync(
        string type,
        PartitionScheme scheme,
        DiskPartition partition,
        CancellationToken cancellationToken)
    {
        string grub = scheme switch
        {
            PartitionScheme.Gpt => $"loop0,gpt{partition.Number}",
            PartitionScheme.Mbr => $"loop0,msdos{partition.Number}",
            _ => "loop0",
        };

        // fsck.erofs knows no offsets.
        bool copied = options.RawPath is null
            || (type == FileSystem.Erofs && partition.Offset > 0);
        return Open(copied
            ? new RootVolume(
                type,
                await CopyAsync(partition.Offset, partition.Length, cancellationToken),
                Offset: 0,
                GrubName: "loop0")
            : new RootVolume(type, LinkToDisk(), partition.Offset, grub));
    }

    /// <summary>Copies a range to a file.</summary>
    /// <returns>The file.</returns>
    public async Task<string> CopyAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        string copy = work[$"copy-{++_copies}"];
        await RangeCopy.WriteAsync(
            disk, offset, length, copy, options.Progress, cancellationToken);
        return copy;
    }

    private RootFiles Open(RootVolume volume) => volume.Type switch
    {
        FileSystem.Ext4 => new DebugfsFiles(volume, work),
        FileSystem.Xfs or FileSystem.Btrfs => new GrubFiles(volume),
        FileSystem.Erofs => new ErofsFiles(volume, work),
        FileSystem.Squashfs => new SquashFiles(volume, work),
        _ => throw new ImageBuilderException(
            ImageBuilderFault.Unsupported,
            $"A root on {volume.Type} is not read: {string.Join(", ", FileSystem.Roots)} are."),
    };

    // By a name of ours: the user's may have a question mark in it, or a parenthesis, which debugfs
    // and GRUB take for their own.
    private string LinkToDisk()
    {
        string link = work["disk"];
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, Path.GetFullPath(options.RawPath!));
        }

        return link;
    }
}
