using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Blocks.Images.Heads;
using VMSeed.ImageBuilder.Boot.FileSystems;
using VMSeed.ImageBuilder.Boot.Tables;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>Finds the root of a live image: a squashfs inside an ISO 9660.</summary>
internal sealed class LiveRootFinder(
    BlockDevice disk, BootPackOptions options, VolumeSource volumes)
{
    /// <summary>What the type of such a root begins with; the path follows.</summary>
    public const string TypePrefix = "iso9660/squashfs:";

    // Debian, Ubuntu, Fedora, Arch.
    private static readonly string[] _roots =
    [
        "live/filesystem.squashfs", "casper/filesystem.squashfs", "LiveOS/squashfs.img",
        "arch/x86_64/airootfs.sfs",
    ];

    // Kernels of those whose squashfs has none, beside that of the squashfs itself.
    private static readonly string[] _kernelFolders =
        ["boot", "images/pxeboot", "isolinux", "arch/boot/x86_64"];

    // The largest kernels of distributions have 20 MiB.
    private const long MaxKernelLength = 256 * 1024 * 1024;

    private readonly IsoVolume _iso = new(disk);

    /// <summary>Finds it.</summary>
    /// <exception cref="ImageBuilderException">There is none where live images have
    /// one.</exception>
    public async Task<GuestRoot> FindAsync(CancellationToken cancellationToken)
    {
        foreach (string path in PathsAsked())
        {
            if (await _iso.FindAsync(path, cancellationToken) is { IsFolder: false } file)
            {
                return new GuestRoot(
                    new BootRoot(Partition: 0, TypePrefix + path),
                    await volumes.OpenAsync(
                        FileSystem.Squashfs,
                        PartitionScheme.None,
                        new DiskPartition(
                            Number: 0, file.Offset, await LengthAsync(file, cancellationToken)),
                        cancellationToken))
                {
                    Kernels = await CopyKernelsAsync(path, cancellationToken),
                };
            }
        }

        throw new ImageBuilderException(
            ImageBuilderFault.MissingInput,
            $"The disk is an ISO 9660 image without any of {string.Join(", ", PathsAsked())}. Say "
            + $"where its root is: --boot-root 0:{TypePrefix}PATH.");
    }

    private string[] PathsAsked() =>
        options.Root?.FileSystem is { } type
        && type.StartsWith(TypePrefix, StringComparison.Ordinal)
            ? [type[TypePrefix.Length..]]
            : _roots;

    // By the squashfs itself: an ISO's record counts to 4 GiB.
    private async Task<long> LengthAsync(IsoRecord file, CancellationToken cancellationToken)
    {
        byte[] superblock = new byte[48];
        if (file.Offset + superblock.Length <= disk.Length)
        {
            await disk.ReadAsync(file.Offset, superblock, cancellationToken);
        }

        long used = BinaryPrimitives.ReadInt64LittleEndian(superblock.AsSpan(40));
        return superblock.AsSpan().StartsWith("hsqs"u8)
            && used > 0 && used <= disk.Length - file.Offset
            ? used
            : throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                $"{file.Name} in the ISO 9660 image is no squashfs that lies within it.");
    }

    private async Task<IReadOnlyList<string>> CopyKernelsAsync(
        string path, CancellationToken cancellationToken)
    {
        List<string> kernels = [];
        foreach (string folder in _kernelFolders.Prepend(Path.GetDirectoryName(path)!))
        {
            foreach (IsoRecord file in await _iso.ListAsync(folder, cancellationToken))
            {
                if (file is { IsFolder: false, Length: <= MaxKernelLength }
                    && file.Offset <= disk.Length - file.Length
                    && file.Name.StartsWith("vmlinuz", StringComparison.OrdinalIgnoreCase))
                {
                    kernels.Add(
                        await volumes.CopyAsync(file.Offset, file.Length, cancellationToken));
                }
            }
        }

        return kernels;
    }
}
