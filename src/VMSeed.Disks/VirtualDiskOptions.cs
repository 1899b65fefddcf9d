using VMSeed.Blocks;
using VMSeed.Disks.Access;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks;

/// <summary>How a disk image is opened.</summary>
public sealed record VirtualDiskOptions
{
    /// <summary>The least <see cref="TableCacheSize"/>: 64 KiB.</summary>
    internal const long LeastTableCacheSize = 64L << 10;

    /// <summary>The greatest <see cref="TableCacheSize"/>: 4 GiB.</summary>
    internal const long GreatestTableCacheSize = 4L << 30;

    /// <summary>The most images that a chain of parents may have: 256.</summary>
    /// <remarks>More than any product makes; each costs an open file and a look-up a
    /// read.</remarks>
    internal const int GreatestDepth = 256;

    /// <summary>The format, where it is known.</summary>
    /// <value>Null by default: the content tells. A raw disk whose guest writes another format's
    /// header at its beginning is then taken for that format, so say
    /// <see cref="DiskFormat.Raw"/> for raw disks of strangers.</value>
    public DiskFormat? Format { get; init; }

    /// <summary>Whether the disk is to be written too.</summary>
    /// <value>False by default: nothing in any file changes, not even a log or a flag.</value>
    public bool CanWrite { get; init; }

    /// <summary>What opens the files that the image names: parents, extents, data files.</summary>
    /// <value>Null by default: for an image that is opened by its path, the files of its folder;
    /// else none.</value>
    public FileResolver? Files { get; init; }

    /// <summary>What lies below a differencing image, in place of the parent that it
    /// names.</summary>
    /// <value>Null by default: the image's own parent. What is given here is not compared with what
    /// the image was made over; it stays the caller's.</value>
    public BlockDevice? Parent { get; init; }

    /// <summary>The snapshot within the image to open in place of the disk as it is now: the one
    /// with this ID, or else the first with this name.</summary>
    /// <value>Null by default: the disk as it is now. Snapshots are only read; QCOW2 has
    /// them.</value>
    public string? Snapshot { get; init; }

    /// <summary>Which of its two sizes a VHD has, where they differ; an image that is said to be
    /// larger than its file or its table is refused.</summary>
    /// <value><see cref="VhdSizeRule.ByCreator"/> by default. Its parents go by the same.</value>
    public VhdSizeRule VhdSize { get; init; }

    /// <summary>Whether the file stays open when the disk is closed.</summary>
    /// <value>False by default: the disk closes its file.</value>
    public bool LeaveOpen { get; init; }

    /// <summary>Bytes of tables (BAT, L2, grain tables) in memory.</summary>
    /// <value>32 MiB by default, tables of 32 GiB in 4 KiB units or of 512 GiB and more in the
    /// units that formats have by default; 64 KiB to 4 GiB.</value>
    public long TableCacheSize { get; init; } = 32L << 20;

    /// <summary>The clock: for the times that formats note.</summary>
    /// <value>The system's by default.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the identifiers that formats ask for.</summary>
    /// <value><see cref="Guid.NewGuid"/> by default.</value>
    public Func<Guid> NewGuid { get; init; } = Guid.NewGuid;

    internal void Validate()
    {
        List<string> faults = [];
        if (TableCacheSize is < LeastTableCacheSize or > GreatestTableCacheSize)
        {
            faults.Add(
                $"TableCacheSize is {TableCacheSize}; it must lie between "
                + $"{LeastTableCacheSize} and {GreatestTableCacheSize}.");
        }

        if (Format is { } format && !Enum.IsDefined(format))
        {
            faults.Add($"Format is {format}; it must be one of DiskFormat's.");
        }

        if (!Enum.IsDefined(VhdSize))
        {
            faults.Add($"VhdSize is {VhdSize}; it must be one of VhdSizeRule's.");
        }

        if (Snapshot is not null && CanWrite)
        {
            faults.Add($"Snapshot is '{Snapshot}' and CanWrite is true; snapshots are only read.");
        }

        if (Time is null)
        {
            faults.Add("Time is null; it must be a clock.");
        }

        if (NewGuid is null)
        {
            faults.Add("NewGuid is null; it must make identifiers.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults));
        }
    }
}
