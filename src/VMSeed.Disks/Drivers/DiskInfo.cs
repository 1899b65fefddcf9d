namespace VMSeed.Disks.Drivers;

/// <summary>What an image says of itself.</summary>
public sealed record DiskInfo
{
    /// <summary>The format.</summary>
    public required DiskFormat Format { get; init; }

    /// <summary>Which of the format's shapes, by the format's own word.</summary>
    public required string Variant { get; init; }

    /// <summary>What is allocated at once, in bytes; 0 where nothing is.</summary>
    public int BlockSize { get; init; }

    /// <summary>The sector that guests see, in bytes.</summary>
    public int SectorSize { get; init; } = 512;

    /// <summary>The image's identifier; null where its format has none.</summary>
    public Guid? Id { get; init; }

    /// <summary>The parent, as the image names it; null where it stands alone.</summary>
    public string? ParentName { get; init; }

    /// <summary>The snapshots that the image holds, as far as they can be read: those of formats
    /// that keep them within, which is QCOW2.</summary>
    public IReadOnlyList<DiskSnapshot> Snapshots { get; init; } = [];

    /// <summary>Whether the image was not closed by whoever wrote it last.</summary>
    public bool IsUnclean { get; init; }

    /// <summary>Oddities that were met and read over, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
