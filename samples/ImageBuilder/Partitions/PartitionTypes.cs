namespace VMSeed.ImageBuilder.Partitions;

/// <summary>What partitions of a seed are for.</summary>
public static class PartitionTypes
{
    /// <summary>Where GRUB's core image lies, for BIOS (GRUB manual, "BIOS
    /// installation").</summary>
    public static Guid BiosBoot { get; } = new("21686148-6449-6E6F-744E-656564454649");

    /// <summary>What firmware of UEFI boots from (UEFI specification, table 5.7).</summary>
    public static Guid EfiSystem { get; } = new("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");

    /// <summary>A block cache on the bare partition: this project's own.</summary>
    public static Guid BlockCache { get; } = new("56A94D27-9C0B-4A35-8D4F-8C5C1D5EED01");

    /// <summary>A file system of Linux.</summary>
    public static Guid LinuxData { get; } = new("0FC63DAF-8483-4772-8E79-3D69D8477DE4");
}
