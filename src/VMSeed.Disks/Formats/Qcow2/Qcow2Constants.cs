namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>Numbers of the qcow2 format, by QEMU's <c>docs/interop/qcow2.txt</c>. All integers are
/// big-endian.</summary>
internal static class Qcow2Constants
{
    public const int BackingOffsetOffset = 8;
    public const int BackingLengthOffset = 16;
    public const int ClusterBitsOffset = 20;
    public const int SizeOffset = 24;
    public const int CryptOffset = 32;
    public const int L1SizeOffset = 36;
    public const int L1OffsetOffset = 40;
    public const int CountTableOffsetOffset = 48;
    public const int CountTableClustersOffset = 56;
    public const int SnapshotCountOffset = 60;
    public const int SnapshotOffsetOffset = 64;
    public const int IncompatibleOffset = 72;
    public const int CompatibleOffset = 80;
    public const int AutoclearOffset = 88;
    public const int CountOrderOffset = 96;
    public const int HeaderLengthOffset = 100;
    public const int CompressionOffset = 104;

    public const int V2HeaderLength = 72;
    public const int LeastV3HeaderLength = 104;
    public const int V3HeaderLength = 112;

    public const int LeastClusterBits = 9;
    public const int GreatestClusterBits = 21;

    /// <summary>16 KiB: 32 subclusters of a sector each.</summary>
    public const int LeastExtendedClusterBits = 14;

    public const int DefaultClusterSize = 64 * 1024;
    public const int Subclusters = 32;

    /// <summary>32 MiB: what QEMU takes as the largest L1 table; 2 PiB in clusters of
    /// 64 KiB.</summary>
    public const int MaxL1Bytes = 32 << 20;

    /// <summary>8 MiB: what QEMU takes as the largest refcount table; 2 PiB in clusters of
    /// 64 KiB.</summary>
    public const int MaxCountTableBytes = 8 << 20;

    /// <summary>65,536: what QEMU takes as the most snapshots.</summary>
    public const int MaxSnapshots = 65536;

    /// <summary>1,023: the longest name of a backing file.</summary>
    public const int MaxBackingLength = 1023;

    public const ulong OffsetMask = 0x00FF_FFFF_FFFF_FE00;
    public const ulong CopiedFlag = 1UL << 63;
    public const ulong CompressedFlag = 1UL << 62;
    public const ulong ZeroFlag = 1;

    /// <summary>The autoclear bit that says that the data file alone is the disk, whatever the
    /// tables say ("raw external data").</summary>
    public const ulong RawDataAutoclear = 2;

    public const uint EndExtension = 0;
    public const uint BackingFormatExtension = 0xE2792ACA;
    public const uint FeatureNamesExtension = 0x6803F857;
    public const uint BitmapsExtension = 0x23852875;
    public const uint DataFileExtension = 0x44415441;

    /// <summary>"QFI" and 0xFB.</summary>
    public static ReadOnlySpan<byte> Magic => [0x51, 0x46, 0x49, 0xFB];
}
