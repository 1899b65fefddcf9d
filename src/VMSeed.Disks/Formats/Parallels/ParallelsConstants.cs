namespace VMSeed.Disks.Formats.Parallels;

/// <summary>Numbers of the Parallels format, by the names of QEMU's
/// <c>docs/interop/parallels.txt</c>.</summary>
internal static class ParallelsConstants
{
    public const int HeaderLength = 64;

    public const int VersionOffset = 16;
    public const int HeadsOffset = 20;
    public const int CylindersOffset = 24;
    public const int TracksOffset = 28;
    public const int EntryCountOffset = 32;
    public const int SectorsOffset = 36;
    public const int InUseOffset = 44;
    public const int DataOffsetOffset = 48;
    public const int FlagsOffset = 52;
    public const int ExtensionOffset = 56;

    public const int SectorSize = 512;

    public const uint FormatVersion = 2;

    /// <summary>Whoever has the image open to write, or died over it.</summary>
    public const uint InUse = 0x746F6E59;

    /// <summary>Closed by a program that knows the format's extension. Real Parallels Desktop
    /// writes its own version instead ("pd17"), and old ones 0: all but <see cref="InUse"/> is
    /// closed.</summary>
    public const uint Closed = 0x312E3276;

    /// <summary>The flag of an image without any cluster.</summary>
    public const uint EmptyFlag = 1;

    /// <summary>1 MiB: what Parallels Desktop and QEMU make.</summary>
    public const int DefaultClusterSize = 1 << 20;

    /// <summary>64 MiB: 64 times what is usual. A cluster over a parent is copied whole, in
    /// memory.</summary>
    public const int GreatestClusterSize = 64 << 20;

    /// <summary>A table of 512 MiB: of 128 TiB in clusters of 1 MiB.</summary>
    public const int GreatestEntryCount = 128 << 20;

    /// <summary>16 heads of 32 sectors: what Parallels makes its cylinders of. A bundle's disk is
    /// whole cylinders, or Parallels refuses it.</summary>
    public const int Heads = 16;

    /// <inheritdoc cref="Heads"/>
    public const int SectorsPerTrack = 32;

    public static ReadOnlySpan<byte> Magic1 => "WithoutFreeSpace"u8;

    public static ReadOnlySpan<byte> Magic2 => "WithouFreSpacExt"u8;
}
