namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Numbers of the VDI format, by the offsets and names of VirtualBox's
/// <c>VDICore.h</c>.</summary>
internal static class VdiConstants
{
    public const int HeaderLength = 512;

    public const int SignatureOffset = 0x40;
    public const int VersionOffset = 0x44;
    public const int HeaderSizeOffset = 0x48;
    public const int TypeOffset = 0x4C;
    public const int FlagsOffset = 0x50;
    public const int CommentOffset = 0x54;
    public const int CommentLength = 256;
    public const int MapOffsetOffset = 0x154;
    public const int DataOffsetOffset = 0x158;
    public const int LegacySectorSizeOffset = 0x168;
    public const int DiskSizeOffset = 0x170;
    public const int BlockSizeOffset = 0x178;
    public const int BlockExtraOffset = 0x17C;
    public const int BlockCountOffset = 0x180;
    public const int AllocatedOffset = 0x184;
    public const int CreateIdOffset = 0x188;
    public const int ModifyIdOffset = 0x198;
    public const int LinkageIdOffset = 0x1A8;
    public const int ParentModifyIdOffset = 0x1B8;
    public const int GeometrySectorSizeOffset = 0x1D4;

    public const uint Signature = 0xBEDA107F;
    public const uint Version11 = 0x00010001;

    /// <summary>What VirtualBox before 1.0 wrote, with another header.</summary>
    public const uint Version0 = 0x00000002;

    /// <summary>The header with a geometry of its own at the end, as VirtualBox writes
    /// it.</summary>
    public const int HeaderSize = 0x190;

    public const uint Dynamic = 1;
    public const uint Fixed = 2;
    public const uint Undo = 3;
    public const uint Differencing = 4;

    /// <summary>A block without storage: zeros, or the parent's.</summary>
    public const uint FreeEntry = 0xFFFFFFFF;

    /// <summary>A block of zeros, whatever the parent has.</summary>
    public const uint ZeroEntry = 0xFFFFFFFE;

    /// <summary>1 MiB: the only block size that QEMU reads.</summary>
    public const int DefaultBlockSize = 1 << 20;

    /// <summary>128 KiB to 128 MiB: what VirtualBox opens.</summary>
    public const int LeastBlockSize = 128 << 10;

    /// <inheritdoc cref="LeastBlockSize"/>
    public const int GreatestBlockSize = 128 << 20;

    /// <summary>Where the map and the data begin, at multiples: as VirtualBox aligns
    /// them.</summary>
    public const int Alignment = 1 << 20;
}
