namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>A firmware that GRUB is made for.</summary>
/// <param name="Format">GRUB's name of it.</param>
/// <param name="Package">The Debian package of its modules.</param>
/// <param name="Prefix">Where the image looks for its configuration: a path on the partition that
/// it was loaded from, or names that partition.</param>
/// <param name="Modules">What is built into the image, so that nothing more is loaded.</param>
internal sealed record GrubPlatform(
    string Format, string Package, string Prefix, IReadOnlyList<string> Modules)
{
    // What the menu uses. Nothing is read from the disk but what is booted.
    private static readonly string[] _common =
    [
        "part_gpt", "fat", "normal", "linux", "configfile", "echo", "loadenv", "test", "halt",
    ];

    /// <summary>BIOS. The image is read by sectors, and knows its drive from the firmware; the
    /// second partition of that drive is ours.</summary>
    public static GrubPlatform Bios { get; } = new(
        "i386-pc", "grub-pc-bin", "(,gpt2)/grub", [.. _common, "biosdisk", "serial", "terminal"]);

    /// <summary>UEFI. The firmware's console is on a serial line where the firmware wants it so;
    /// efi_gop hands the screen on to the kernel, which would be dark without.</summary>
    public static GrubPlatform Uefi { get; } = new(
        "x86_64-efi", "grub-efi-amd64-bin", "/grub", [.. _common, "efi_gop"]);
}
