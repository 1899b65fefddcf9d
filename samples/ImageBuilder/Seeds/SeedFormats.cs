using VMSeed.Disks;

namespace VMSeed.ImageBuilder.Seeds;

/// <summary>The formats that a seed is written in.</summary>
public static class SeedFormats
{
    /// <summary>All that hypervisors write to; a classic cloop is only read.</summary>
    public static IReadOnlyList<DiskFormat> All { get; } =
    [
        DiskFormat.Raw, DiskFormat.Vmdk, DiskFormat.Vdi, DiskFormat.Vhd, DiskFormat.Vhdx,
        DiskFormat.Parallels, DiskFormat.Qcow2,
    ];
}
