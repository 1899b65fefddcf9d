using VMSeed.Blocks.Images.Heads;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>The files of an image that go onto the boot partition.</summary>
/// <param name="Image">The image.</param>
/// <param name="Kernel">Its kernel.</param>
/// <param name="Modules">The archive of its drivers.</param>
internal sealed record ImageFiles(SeedImage Image, BootFile Kernel, BootFile Modules)
{
    private const string KernelRole = "kernel";
    private const string ModulesRole = "modules";

    public string Name => Image.Disk.Head.Name;

    /// <summary>Finds the files in an image's head.</summary>
    /// <exception cref="ImageBuilderException">The image was published without what boots
    /// it.</exception>
    public static ImageFiles Of(SeedImage image)
    {
        ImageHead head = image.Disk.Head;
        if (head.Boot?.Root is null)
        {
            throw Missing(head, "does not say where its root file system is");
        }

        return new ImageFiles(
            image, Find(head, KernelRole, "kernel"), Find(head, ModulesRole, "drivers"));
    }

    public ImageDescription Describe() => new()
    {
        Name = Name,
        Url = Image.Address,
        Keys = [.. Image.Keys.Select(key => key.ToString())],
        Mirrors = Image.Mirrors.Count > 0 ? Image.Mirrors : null,
        Version = Image.Disk.Head.Version,
        Kernel = Kernel.Digest.ToString(),
        Modules = Modules.Digest.ToString(),
        Head = Image.Disk.SignedHead.ToArray(),
    };

    private static BootFile Find(ImageHead head, string role, string what)
    {
        BootFile[] found = [.. head.Boot!.Files.Where(file => file.Role == role)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw Missing(head, $"was published without its {what}"),
            _ => throw new ImageBuilderException(
                ImageBuilderFault.Unsupported,
                $"{head.Name} version {head.Version} has {found.Length} boot files of the role "
                + $"{role}; a seed takes one."),
        };
    }

    private static ImageBuilderException Missing(ImageHead head, string fact) => new(
        ImageBuilderFault.MissingInput,
        $"{head.Name} version {head.Version} {fact}, so no seed can boot it. 'vmseed pack "
        + "--bootable' publishes a version that has what boots it.");
}
