using VMSeed.Blocks;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing;
using VMSeed.ImageBuilder.Archives;
using VMSeed.ImageBuilder.Boot.Kernels;
using VMSeed.ImageBuilder.Boot.Modules;
using VMSeed.ImageBuilder.Boot.Roots;
using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.Boot;

// A disk is a stranger's: it is never mounted, and nothing of it runs.
//
//     disk ─► partition table ─► what lies in each ─► the root: the one with kernel and modules
//                                                      │
//           a program that reads its file system ◄─────┘
//                │
//                ├─ the newest kernel that has its modules ───────────► role "kernel"
//                └─ modules.dep ─► drivers of a seed, what they need ─► role "modules"

/// <summary>Takes the kernel and its modules out of a guest's disk, so that they travel with its
/// published image (docs/SEED-DISK.md, section 2).</summary>
public static class BootPacker
{
    // It is published once and read by everybody: 12 s on a slow machine are well spent.
    private const int ArchiveLevel = 9;

    /// <summary>Takes them out of the root file system, wherever on the disk that is.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="options">What to take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The files; the caller disposes of them.</returns>
    /// <exception cref="ImageBuilderException">There is no root that a seed boots from, or a
    /// program that reads it is not installed.</exception>
    public static async Task<BootPack> TakeAsync(
        BlockDevice disk, BootPackOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(options);
        WorkFolder work = new();
        try
        {
            GuestRoot root = await new RootFinder(disk, options, work)
                .FindAsync(cancellationToken);
            Kernel kernel = await new KernelFinder(root.Files, work) { Others = root.Kernels }
                .FindAsync(options.Release, cancellationToken);
            return await PackAsync(
                kernel, root.Files, root.Place, root.Arguments, work, cancellationToken);
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    /// <summary>Makes the boot files of a kernel and a folder that are given by their
    /// paths.</summary>
    /// <param name="kernelPath">The kernel: a bzImage.</param>
    /// <param name="modulesFolder">The folder of its modules, with modules.dep in it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The files; the caller disposes of them.</returns>
    /// <exception cref="ImageBuilderException">They are not of one kernel.</exception>
    public static async Task<BootPack> TakeAsync(
        string kernelPath, string modulesFolder, CancellationToken cancellationToken = default)
    {
        string release = await KernelImage.FindReleaseAsync(kernelPath, cancellationToken)
            ?? throw new ImageBuilderException(
                ImageBuilderFault.Damaged, $"{kernelPath} is no kernel for x86 (bzImage).");
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(modulesFolder));
        if (Path.GetFileName(folder) != release)
        {
            throw new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"The kernel {kernelPath} is {release}; its modules are in a folder of that name, "
                + $"which {modulesFolder} is not.");
        }

        WorkFolder work = new();
        try
        {
            Kernel kernel = new(release, kernelPath, ModulesFolder: string.Empty);
            return await PackAsync(
                kernel, new FolderFiles(folder), place: null, arguments: null, work,
                cancellationToken);
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    private static async Task<BootPack> PackAsync(
        Kernel kernel,
        RootFiles files,
        BootRoot? place,
        string? arguments,
        WorkFolder work,
        CancellationToken cancellationToken)
    {
        ModuleTree tree = new(
            files,
            kernel.ModulesFolder,
            kernel.Release,
            DriverList.For(place?.FileSystem));
        (CpioArchive archive, IReadOnlyList<string> unknown) = await tree.PackAsync(
            work, cancellationToken);
        string modules = await XzFile.WriteAsync(
            archive,
            work[$"modules-{kernel.Release}.img"],
            ArchiveLevel,
            linked: false,
            cancellationToken);
        return new BootPack(work)
        {
            Files =
            [
                new BootFileSource("kernel", kernel.File) { Name = $"vmlinuz-{kernel.Release}" },
                new BootFileSource("modules", modules),
            ],
            Root = place,
            Arguments = arguments,
            Release = kernel.Release,
            UnknownDrivers = unknown,
        };
    }
}
