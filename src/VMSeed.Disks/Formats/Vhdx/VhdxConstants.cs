namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Numbers of the VHDX format, by the names of [MS-VHDX].</summary>
internal static class VhdxConstants
{
    public const long MiB = 1L << 20;

    /// <summary>"vhdxfile", read as a number.</summary>
    public const ulong FileSignature = 0x656C696678646876;

    /// <summary>"head", "regi", "metadata".</summary>
    public const uint HeaderSignature = 0x64616568;

    /// <inheritdoc cref="HeaderSignature"/>
    public const uint RegionSignature = 0x69676572;

    /// <inheritdoc cref="HeaderSignature"/>
    public const ulong MetadataSignature = 0x617461646174656D;

    public const int CreatorOffset = 8;

    /// <summary>Bytes of the creator's name, in UTF-16 (2.2.1).</summary>
    public const int CreatorLength = 512;

    public const int HeaderLength = 4096;
    public const long FirstHeaderOffset = 64 << 10;
    public const long SecondHeaderOffset = 128 << 10;

    public const int RegionTableLength = 64 << 10;
    public const long FirstRegionTableOffset = 192 << 10;
    public const long SecondRegionTableOffset = 256 << 10;

    /// <summary>Where everything that is not a header may lie, at multiples of 1 MiB
    /// (2.2).</summary>
    public const long HeaderSectionLength = MiB;

    /// <summary>The most entries that fit a table of 64 KiB, of regions or of metadata.</summary>
    public const int GreatestTableCount = 2047;

    public const int MetadataTableLength = 64 << 10;

    /// <summary>The longest metadata item, in bytes (2.6.1.2).</summary>
    public const int GreatestItemLength = 1 << 20;

    public const int LeastBlockSize = 1 << 20;
    public const int GreatestBlockSize = 256 << 20;

    /// <summary>2 MiB, Hyper-V's for fixed and differencing disks. Its 32 MiB for dynamic ones
    /// would make a seed disk of few touched places many times as large; smaller blocks only make
    /// the table longer: 4 MiB for 1 TiB.</summary>
    public const int DefaultBlockSize = 2 << 20;

    /// <summary>64 TiB (2.6.2.2).</summary>
    public const long GreatestDiskSize = 64L << 40;

    /// <summary>128 TiB: the largest disk, twice over. No file of the format comes near it; what
    /// names a place beyond is noise.</summary>
    public const long GreatestFileLength = 128L << 40;

    /// <summary>Sectors that a block of a sector bitmap has bits for: 1 MiB of bits.</summary>
    public const long SectorsPerBitmap = 1L << SectorsPerBitmapBits;

    /// <summary>The base 2 logarithm of <see cref="SectorsPerBitmap"/>.</summary>
    public const int SectorsPerBitmapBits = 23;

    public const int BitmapBlockLength = 1 << 20;

    /// <summary>Page that the log replaces as a whole.</summary>
    public const int LogSector = 4096;

    public static readonly Guid BatRegion = new("2DC27766-F623-4200-9D64-115E9BFD4A08");
    public static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");

    public static readonly Guid FileParameters = new("CAA16737-FA36-4D43-B3B6-33F0AA44E76B");
    public static readonly Guid VirtualDiskSize = new("2FA54224-CD1B-4876-B211-5DBED83BF4B8");
    public static readonly Guid VirtualDiskId = new("BECA12AB-B2E6-4523-93EF-C309E000C746");
    public static readonly Guid LogicalSectorSize = new("8141BF1D-A96F-4709-BA47-F233A8FAAB5F");
    public static readonly Guid PhysicalSectorSize = new("CDA348C7-445D-4471-9CC9-E9885251C556");
    public static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");
    public static readonly Guid VhdxLocatorType = new("B04AEFB7-D19E-4A81-B789-25B8E9445913");

    /// <summary>Hyper-V's mark of a file whose creation has not ended; in no
    /// specification.</summary>
    public static readonly Guid IncompleteFile = new("71CC85F0-1B69-4E28-9558-C3BF83AE75D3");

    /// <summary>Metadata flags (2.6.1.2).</summary>
    public const uint IsUser = 1;

    /// <inheritdoc cref="IsUser"/>
    public const uint IsVirtualDisk = 2;

    /// <inheritdoc cref="IsUser"/>
    public const uint IsRequired = 4;

    /// <summary>File parameters: the blocks of a fixed disk stay where they are.</summary>
    public const uint LeaveBlocksAllocated = 1;

    /// <summary>File parameters: a differencing disk.</summary>
    public const uint HasParent = 2;
}
