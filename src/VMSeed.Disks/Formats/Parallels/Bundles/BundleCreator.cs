using VMSeed.Blocks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Parallels.Bundles.BundleConstants;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>Makes bundles, and snapshots in them.</summary>
internal static class BundleCreator
{
    // Of the image below that is another disk's: any identifier does, as long as it is the same in
    // the chain and in the part.
    private static readonly Guid s_parentId = new("5d6c1b2e-0b5f-4f0c-8a3c-6f1a2d9e7b10");

    private const int Cylinder = ParallelsConstants.Heads * ParallelsConstants.SectorsPerTrack;

    /// <summary>Makes the one image of a new bundle, and then the descriptor that names
    /// it.</summary>
    /// <exception cref="DiskFormatException">The format has no such bundle.</exception>
    public static async ValueTask CreateAsync(
        CreateRequest request, int generation, CancellationToken cancellationToken)
    {
        VirtualDiskCreateOptions options = request.Options;
        ParallelsHeader header = ParallelsLayout.New(
            FileTail.Align(options.Length, Cylinder * ParallelsConstants.SectorSize),
            options.BlockSize ?? ParallelsConstants.DefaultClusterSize,
            generation);
        string name = NameOf(request);
        List<BundleImage> images = Parent(options, request.ParentFormat);
        string image = FileName(name, 0, DefaultTop);
        images.Add(new BundleImage(DefaultTop, IsPlain: false, image));
        await MakeImageAsync(request.Files, image, header, cancellationToken)
            .ConfigureAwait(false);
        await MakeEmptyAsync(request.Files, name, cancellationToken).ConfigureAwait(false);
        var storage = new BundleStorage(
            0,
            header.DiskSize / ParallelsConstants.SectorSize,
            header.ClusterSize / ParallelsConstants.SectorSize,
            images);
        Guid[] chain = options.Parent is null ? [DefaultTop] : [DefaultTop, s_parentId];
        byte[] text = BundleWriter.New(name, options.NewGuid(), storage, chain);
        await request.File.SetLengthAsync(text.Length, cancellationToken).ConfigureAwait(false);
        await request.File.WriteAsync(0, text, cancellationToken).ConfigureAwait(false);
        await request.File.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Freezes what a bundle holds: from now on new images take what is written.</summary>
    /// <remarks>Images first, the descriptor last and in one step: a snapshot that is cut off
    /// leaves files that nothing names.</remarks>
    public static async ValueTask<Guid> SnapshotAsync(
        FileResolver files,
        string bundle,
        Func<Guid> newGuid,
        CancellationToken cancellationToken)
    {
        ResolvedFile file = await files
            .OpenAsync(DescriptorName, FileAccess.ReadWrite, cancellationToken)
            .ConfigureAwait(false);
        BundleDescriptor descriptor;
        await using (file.Device.ConfigureAwait(false))
        {
            descriptor = await BundleDescriptor.ReadAsync(file.Device, cancellationToken)
                .ConfigureAwait(false);
        }

        if (descriptor.Chain.Count == VirtualDiskOptions.GreatestDepth)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The Parallels bundle has {descriptor.Chain.Count} snapshots, as many as are "
                + "read.");
        }

        Guid snapshot = newGuid();
        Guid unique = newGuid();
        List<string> made = [];
        for (int i = 0; i < descriptor.Storages.Count; i++)
        {
            BundleStorage storage = descriptor.Storages[i];
            ParallelsHeader header = await LikeAsync(
                files, descriptor, storage, cancellationToken).ConfigureAwait(false);
            made.Add(FileName(bundle, i, unique));
            await MakeImageAsync(files, made[i], header, cancellationToken)
                .ConfigureAwait(false);
        }

        byte[] text = BundleWriter.WithSnapshot(descriptor, snapshot, made);
        await files.ReplaceAsync(DescriptorName, text, cancellationToken).ConfigureAwait(false);
        return snapshot;
    }

    // The folder's own name; the descriptor's is the same in all.
    private static string NameOf(CreateRequest request) =>
        Path.GetFileName(Path.GetDirectoryName(request.FileName)) is { Length: > 0 } name
            ? name
            : "disk.hdd";

    private static string FileName(string bundle, int part, Guid id) =>
        $"{bundle}.{part}.{id:B}.hds";

    private static List<BundleImage> Parent(VirtualDiskCreateOptions options, DiskFormat format)
    {
        if (options.Parent is null || options.ParentName is null)
        {
            return [];
        }

        return format is DiskFormat.Raw or DiskFormat.Parallels
            ? [new BundleImage(s_parentId, format == DiskFormat.Raw, options.ParentName)]
            : throw DiskFormatException.Unsupported(
                $"A Parallels bundle lies over raw and Parallels images, not over {format}; leave "
                + "out ParentName, and give the parent whenever it is opened.");
    }

    // Real bundles have an empty file of their own name, and file dialogs show it.
    private static async ValueTask MakeEmptyAsync(
        FileResolver files, string name, CancellationToken cancellationToken)
    {
        BlockDevice file = await files.CreateAsync(name, cancellationToken).ConfigureAwait(false);
        await file.DisposeAsync().ConfigureAwait(false);
    }

    private static async ValueTask MakeImageAsync(
        FileResolver files,
        string name,
        ParallelsHeader header,
        CancellationToken cancellationToken)
    {
        BlockDevice file = await files.CreateAsync(name, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            await ParallelsFile.CreateAsync(file, header, cancellationToken).ConfigureAwait(false);
        }
    }

    // Opened to be written, so that a bundle that somebody else is writing is refused.
    private static async ValueTask<ParallelsHeader> LikeAsync(
        FileResolver files,
        BundleDescriptor descriptor,
        BundleStorage storage,
        CancellationToken cancellationToken)
    {
        BundleImage top = storage.Images.FirstOrDefault(image => image.Id == descriptor.Chain[0])
            ?? throw BundleDescriptor.Corrupt(
                $"there is no image of {descriptor.Chain[0]:B} for the part at {storage.Start}");
        ResolvedFile file = await files
            .OpenAsync(top.File, FileAccess.ReadWrite, cancellationToken).ConfigureAwait(false);
        await using (file.Device.ConfigureAwait(false))
        {
            int generation = top.IsPlain
                ? 0
                : await FrozenAsync(file.Device, cancellationToken).ConfigureAwait(false);
            int cluster = storage.ClusterSectors * ParallelsConstants.SectorSize;
            return ParallelsLayout.New(
                storage.Length,
                cluster % 4096 == 0 && cluster > 0
                    ? cluster : ParallelsConstants.DefaultClusterSize,
                generation);
        }
    }

    // Frozen images are only read from then on, and so would never be mended.
    private static async ValueTask<int> FrozenAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        ParallelsHeader header = await ParallelsHeader.ReadAsync(file, cancellationToken)
            .ConfigureAwait(false);
        return header.IsUnclean
            ? throw DiskFormatException.Corrupt(
                "The Parallels bundle was not closed by whoever wrote it last; open it for "
                + "writing once, which mends it, before a snapshot is made.")
            : header.Generation;
    }
}
