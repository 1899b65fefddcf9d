namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>Names and bounds of the descriptor, by QEMU's
/// <c>docs/interop/prl-xml.txt</c>.</summary>
internal static class BundleConstants
{
    public const string DescriptorName = "DiskDescriptor.xml";

    public const string RootName = "Parallels_disk_image";

    /// <summary>1 MiB: those of real products have 3 KiB, and some hundred bytes a
    /// snapshot.</summary>
    public const int GreatestDescriptor = 1 << 20;

    /// <summary>1,024 parts of 2 GB are 2 TB.</summary>
    public const int GreatestStorageCount = 1024;

    /// <summary>128 TiB, as the table of one image allows.</summary>
    public const long GreatestSectors = 1L << 38;

    /// <summary>The image that is written, where the descriptor names none.</summary>
    public static readonly Guid DefaultTop = new("5fbaabe3-6958-40ff-92a7-860e329aab41");
}
