namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>Numbers of the VHD format, by the names of Microsoft's "Virtual Hard Disk Image Format
/// Specification" 1.0. All integers are big-endian.</summary>
internal static class VhdConstants
{
    public const int SectorSize = 512;

    /// <summary>The oldest Virtual PC wrote a footer that ends a byte short.</summary>
    public const int ShortFooterLength = 511;

    public const int FooterLength = 512;
    public const int FeaturesOffset = 8;
    public const int VersionOffset = 12;
    public const int HeaderPointerOffset = 16;
    public const int TimestampOffset = 24;
    public const int CreatorOffset = 28;
    public const int CreatorVersionOffset = 32;
    public const int CreatorHostOffset = 36;
    public const int OriginalSizeOffset = 40;
    public const int CurrentSizeOffset = 48;
    public const int GeometryOffset = 56;
    public const int TypeOffset = 60;
    public const int FooterChecksumOffset = 64;
    public const int IdOffset = 68;

    /// <summary>Reserved, and set in every footer.</summary>
    public const uint Features = 2;

    public const uint Version1 = 0x00010000;

    public const uint Fixed = 2;
    public const uint Dynamic = 3;
    public const uint Differencing = 4;

    public const int HeaderLength = 1024;
    public const int NextStructureOffset = 8;
    public const int TableOffsetOffset = 16;
    public const int HeaderVersionOffset = 24;
    public const int EntryCountOffset = 28;
    public const int BlockSizeOffset = 32;
    public const int HeaderChecksumOffset = 36;
    public const int ParentIdOffset = 40;
    public const int ParentNameOffset = 64;
    public const int ParentNameLength = 512;
    public const int LocatorsOffset = 576;

    /// <summary>A block without storage: zeros, or the parent's.</summary>
    public const uint AbsentEntry = 0xFFFFFFFF;

    /// <summary>2 MiB: what every product writes.</summary>
    public const int DefaultBlockSize = 2 << 20;

    /// <summary>4 KiB, so that a block has whole pages; the least that was seen is
    /// 512 KiB.</summary>
    public const int LeastBlockSize = 4 << 10;

    /// <summary>256 MiB: what is allocated at once must stay far below the disk.</summary>
    public const int GreatestBlockSize = 256 << 20;

    /// <summary>Payloads begin at its multiples: hosts with such sectors write others twice, and
    /// Windows places its own so.</summary>
    public const int PayloadAlignment = 4096;

    /// <summary>2040 GiB: the last sector that an entry can name, with room for
    /// bitmaps.</summary>
    public const long GreatestSize = 2040L << 30;

    /// <summary>What Windows signs its images with.</summary>
    public const string WindowsCreator = "win ";

    /// <summary>What this library signs with, unless it is told otherwise.</summary>
    public const string OwnCreator = "vmsd";

    public static ReadOnlySpan<byte> FooterCookie => "conectix"u8;

    public static ReadOnlySpan<byte> HeaderCookie => "cxsparse"u8;
}
