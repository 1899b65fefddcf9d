namespace VMSeed.Disks.Drivers;

/// <summary>Which of a VHD's two sizes counts, where its footer says two.</summary>
public enum VhdSizeRule
{
    /// <summary>The geometry's where Virtual PC or QEMU made the image, else the one in bytes: as
    /// QEMU 10 and later decide.</summary>
    ByCreator = 0,

    /// <summary>The one in bytes, which Hyper-V, Azure and VirtualBox go by.</summary>
    Bytes = 1,

    /// <summary>Cylinders, heads and sectors, which Virtual PC goes by; a little less.</summary>
    Geometry = 2,
}
