using VMSeed.ImageBuilder.Tools;

namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>Makes GRUB's programs out of the modules that are installed.</summary>
/// <param name="modules">The folder with a folder of modules a platform.</param>
internal sealed class GrubImage(string modules)
{
    private const string BootSector = "boot.img";

    private static readonly ExternalTool _maker = new("grub-mkimage", "grub-common");

    /// <summary>Where Debian's packages put them.</summary>
    public const string DefaultModules = "/usr/lib/grub";

    /// <summary>Makes the program of a platform.</summary>
    public async Task<byte[]> MakeAsync(
        GrubPlatform platform, string workFolder, CancellationToken cancellationToken)
    {
        string folder = FolderOf(platform);
        string output = Path.Join(workFolder, $"grub-{platform.Format}");
        await _maker.RunAsync(
            [
                "--format", platform.Format,
                "--directory", folder,
                "--prefix", platform.Prefix,
                "--output", output,
                .. platform.Modules,
            ],
            cancellationToken);
        return await File.ReadAllBytesAsync(output, cancellationToken);
    }

    /// <summary>The first sector of a disk that BIOS boots.</summary>
    public Task<byte[]> ReadBootSectorAsync(CancellationToken cancellationToken) =>
        File.ReadAllBytesAsync(
            Path.Join(FolderOf(GrubPlatform.Bios), BootSector), cancellationToken);

    private string FolderOf(GrubPlatform platform)
    {
        string folder = Path.Join(modules, platform.Format);
        return File.Exists(Path.Join(folder, "moddep.lst"))
            ? folder
            : throw new ImageBuilderException(
                ImageBuilderFault.MissingTool,
                $"GRUB's modules for {platform.Format} are not in {folder}. Debian and Ubuntu have "
                + $"them in the package {platform.Package}.");
    }
}
