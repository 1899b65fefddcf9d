namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>Numbers that all shapes of VMDK share, after VMware's "Virtual Disk Format
/// 5.0".</summary>
internal static class VmdkConstants
{
    public const int SectorSize = 512;

    /// <summary>The parent's CID in an image that stands alone.</summary>
    public const uint NoParent = 0xFFFFFFFF;

    /// <summary>The CID of a disk that nobody has written to yet, and what is written as the CID of
    /// a parent that has none.</summary>
    public const uint UnwrittenCid = 0xFFFFFFFE;

    /// <summary>The most that a descriptor may be long: 2 MiB. A disk of 64 TiB in extents of 2 GiB
    /// has 32,768 lines of some 50 bytes.</summary>
    public const int GreatestDescriptor = 2 << 20;

    /// <summary>The most extents that a descriptor may name: 65,536, twice what the longest disk in
    /// the smallest files has.</summary>
    public const int GreatestExtentCount = 1 << 16;

    /// <summary>The largest grain that is read: 2 MiB, since a packed grain is unpacked whole.
    /// VMware writes 64 KiB; its tools know up to 64 KiB.</summary>
    public const int GreatestGrainSectors = 4096;

    /// <summary>The most tables that a directory may list: 16 Mi, 512 TiB in grains of 64 KiB. It
    /// is held in memory, 8 bytes a table.</summary>
    public const int GreatestTableCount = 1 << 24;
}
