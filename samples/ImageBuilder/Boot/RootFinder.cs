using VMSeed.Blocks;
using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Boot.FileSystems;
using VMSeed.ImageBuilder.Boot.Roots;
using VMSeed.ImageBuilder.Boot.Tables;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>Finds the root file system of a disk: the one that has a kernel's modules.</summary>
internal sealed class RootFinder(BlockDevice disk, BootPackOptions options, WorkFolder work)
{
    private static readonly string[] _moduleFolders = ["usr/lib/modules", "lib/modules"];

    private readonly VolumeSource _volumes = new(disk, options, work);

    /// <summary>Finds it.</summary>
    /// <exception cref="ImageBuilderException">There is none, or more than one.</exception>
    public async Task<GuestRoot> FindAsync(CancellationToken cancellationToken)
    {
        // An image that also starts from a stick has a partition table as well.
        DiskPartition whole = new(Number: 0, Offset: 0, disk.Length);
        if (await FileSystemProbe.FindAsync(disk, whole, cancellationToken) == FileSystem.Iso)
        {
            return await new LiveRootFinder(disk, options, _volumes).FindAsync(cancellationToken);
        }

        PartitionTable table = await PartitionTable.ReadAsync(disk, cancellationToken);
        List<(DiskPartition Partition, string? Type)> places = [];
        foreach (DiskPartition partition in table.Partitions)
        {
            places.Add((
                partition, await FileSystemProbe.FindAsync(disk, partition, cancellationToken)));
        }

        List<GuestRoot> roots = [];
        foreach ((DiskPartition partition, string? type) in places.Where(IsAsked))
        {
            RootFiles files = await _volumes.OpenAsync(
                type!, table.Scheme, partition, cancellationToken);
            roots.AddRange(await FindAsync(
                files, new BootRoot(partition.Number, type!), cancellationToken));
        }

        return roots.Count == 1 ? roots[0] : throw Refuse(roots, places);
    }

    private bool IsAsked((DiskPartition Partition, string? Type) place) =>
        options.Root is { } root
            ? place.Partition.Number == root.Partition && place.Type is not null
            : FileSystem.Roots.Contains(place.Type);

    // A root of btrfs is a subvolume on most systems (@, @rootfs, root), and the top of it on
    // others.
    private static async Task<IReadOnlyList<GuestRoot>> FindAsync(
        RootFiles files, BootRoot place, CancellationToken cancellationToken)
    {
        if (await HasModulesAsync(files, cancellationToken))
        {
            return [new GuestRoot(place, files)];
        }

        List<GuestRoot> roots = [];
        if (place.FileSystem == FileSystem.Btrfs)
        {
            IReadOnlyList<string> top = await files.ListAsync(string.Empty, cancellationToken);
            foreach (string name in top.Where(Name.IsPlain))
            {
                SubvolumeFiles subvolume = new(files, name);
                if (await HasModulesAsync(subvolume, cancellationToken))
                {
                    roots.Add(new GuestRoot(place, subvolume)
                    {
                        Arguments = $"rootflags=subvol={name}",
                    });
                }
            }
        }

        return roots;
    }

    private static async Task<bool> HasModulesAsync(
        RootFiles files, CancellationToken cancellationToken)
    {
        foreach (string folder in _moduleFolders)
        {
            if ((await files.ListAsync(folder, cancellationToken)).Any(Name.IsPlain))
            {
                return true;
            }
        }

        return false;
    }

    private ImageBuilderException Refuse(
        List<GuestRoot> roots, List<(DiskPartition Partition, string? Type)> places)
    {
        string found = string.Join(", ", places.Select(
            place => $"{place.Partition.Number}:{place.Type ?? "unknown"}"));
        if (roots.Count > 1)
        {
            return new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"Several file systems have a kernel's modules: {Listed(roots)}. Say which is the "
                + "root: --boot-root NUMBER:TYPE.");
        }

        if (places.Select(place => place.Type).FirstOrDefault(IsClosed) is { } closed)
        {
            return new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"The root lies in {closed} ({found}), which a seed does not open: its guest "
                + "mounts a file system on a partition or on the whole disk.");
        }

        return new ImageBuilderException(
            ImageBuilderFault.MissingInput,
            $"No root file system with a kernel's modules was found in {found}"
            + (options.Root is { } asked ? $", asked for {asked.Partition}" : string.Empty)
            + $". Roots on {string.Join(", ", FileSystem.Roots)} are read; of any other, give "
            + "--boot kernel=FILE, --boot modules-tree=FOLDER and --boot-root NUMBER:TYPE.");
    }

    private static bool IsClosed(string? type) => type is FileSystem.Lvm or FileSystem.Luks;

    private static string Listed(IEnumerable<GuestRoot> roots) => string.Join(", ", roots.Select(
        root => $"{root.Place.Partition}:{root.Place.FileSystem} {root.Arguments}".TrimEnd()));
}
