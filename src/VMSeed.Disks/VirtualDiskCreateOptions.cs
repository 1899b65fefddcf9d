using VMSeed.Blocks;

namespace VMSeed.Disks;

/// <summary>What kind of disk image is made.</summary>
/// <remarks>What a format cannot do (a block size, a length, a parent) is refused when the image is
/// made, with the bound in the message.</remarks>
public sealed record VirtualDiskCreateOptions
{
    /// <summary>The format.</summary>
    public required DiskFormat Format { get; init; }

    /// <summary>The disk's size.</summary>
    /// <value>Bytes, 0 or more; some formats round it up to whole sectors.</value>
    public required long Length { get; init; }

    /// <summary>Which of the format's shapes, by the format's own word: <c>dynamic</c>,
    /// <c>fixed</c>, <c>monolithicSparse</c>, <c>twoGbMaxExtentSparse</c>, <c>v1</c>…</summary>
    /// <value>Null by default: the format's growing shape.</value>
    public string? Variant { get; init; }

    /// <summary>Whether the image's units are compressed, for formats that can: such an image is
    /// made by <see cref="DiskConverter"/>, and its data is not written again.</summary>
    /// <value>False by default.</value>
    public bool Compress { get; init; }

    /// <summary>What is allocated at once.</summary>
    /// <value>Bytes, a power of two; null by default: the format's own default.</value>
    public int? BlockSize { get; init; }

    /// <summary>The sector that guests see.</summary>
    /// <value>512 bytes by default; VHDX also knows 4096.</value>
    public int SectorSize { get; init; } = 512;

    /// <summary>What lies below, for a differencing image; it stays the caller's.</summary>
    /// <value>Null by default: the disk stands alone.</value>
    public BlockDevice? Parent { get; init; }

    /// <summary>How the image names its parent: a path relative to the image, or an absolute
    /// one.</summary>
    /// <value>Null by default. A differencing image needs a name if it is to be opened without
    /// <see cref="VirtualDiskOptions.Parent"/>.</value>
    public string? ParentName { get; init; }

    /// <summary>The parent's own format, for formats that note it.</summary>
    /// <value>Null by default: that of <see cref="Parent"/> where it is a
    /// <see cref="VirtualDisk"/>, else raw.</value>
    public DiskFormat? ParentFormat { get; init; }

    /// <summary>VHD: the four characters that say which program made the image, and by which some
    /// readers decide how large its disk is.</summary>
    /// <value>Null by default: this library's own, with a geometry from which all readers but
    /// Virtual PC see the whole disk. <c>"win "</c> makes an image like Windows' own, which all but
    /// Virtual PC and very old programs read whole too.</value>
    public string? CreatorApplication { get; init; }

    /// <summary>VMDK, sparse: whether each table has a second copy, from which it is mended when it
    /// is damaged.</summary>
    /// <value>True by default, as in VMware's images. Without, an image of 32 GiB is 2 MiB shorter
    /// ("Virtual Disk Format 5.0", flag 1 of the sparse extent's header).</value>
    public bool HasTableCopies { get; init; } = true;

    /// <summary>Bytes of tables in memory while the new disk is open; as in
    /// <see cref="VirtualDiskOptions"/>.</summary>
    public long TableCacheSize { get; init; } = 32L << 20;

    /// <summary>The clock: for the times that formats note.</summary>
    /// <value>The system's by default.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the identifiers that formats ask for.</summary>
    /// <value><see cref="Guid.NewGuid"/> by default.</value>
    public Func<Guid> NewGuid { get; init; } = Guid.NewGuid;
}
