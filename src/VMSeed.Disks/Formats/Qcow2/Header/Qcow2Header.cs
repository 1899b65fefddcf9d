using System.Buffers.Binary;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>The header of a qcow2 image. Never changed: who changes the image makes another, so
/// that a reader who holds one holds sizes and places that belong together.</summary>
internal sealed record Qcow2Header
{
    public required int Version { get; init; }

    public required Qcow2Geometry Geometry { get; init; }

    /// <summary>The disk's size in bytes.</summary>
    public required long Size { get; init; }

    public required long L1Offset { get; init; }

    /// <summary>Entries of the L1 table.</summary>
    public required int L1Size { get; init; }

    public required long CountTableOffset { get; init; }

    public required int CountTableClusters { get; init; }

    public int SnapshotCount { get; init; }

    public long SnapshotOffset { get; init; }

    public Qcow2Features Incompatible { get; init; }

    /// <summary>Bit 0: refcounts may be left behind while the image is marked as dirty.</summary>
    public ulong Compatible { get; init; }

    /// <summary>Bit 0: bitmaps are up to date. Bit 1: the data file is a raw image of the
    /// disk.</summary>
    public ulong Autoclear { get; init; }

    /// <summary>The base 2 logarithm of a refcount's bits.</summary>
    public int CountOrder { get; init; } = 4;

    public Qcow2Compression Compression { get; init; }

    public int HeaderLength { get; init; } = V3HeaderLength;

    /// <summary>What follows the header in the first cluster.</summary>
    public Qcow2Extensions Extensions { get; init; } = Qcow2Extensions.None;

    public bool IsDirty => Incompatible.HasFlag(Qcow2Features.Dirty);

    public bool IsCorrupt => Incompatible.HasFlag(Qcow2Features.Corrupt);

    public bool HasDataFile => Incompatible.HasFlag(Qcow2Features.DataFile);

    /// <summary>Whether an L2 entry can say that a cluster is zeros.</summary>
    public bool HasZeroFlag => Version >= 3;

    /// <summary>What the image says of itself.</summary>
    public DiskInfo Describe()
    {
        List<string> words = [$"v{Version}"];
        Add(words, Geometry.IsExtended, "extended_l2");
        Add(words, (Compatible & 1) != 0, "lazy_refcounts");
        Add(words, Compression == Qcow2Compression.Zstd, "zstd");
        Add(words, HasDataFile, "data_file");
        List<string> warnings = [];
        Add(warnings, IsCorrupt, "The image is marked as corrupt; a check may repair it.");
        return new DiskInfo
        {
            Format = DiskFormat.Qcow2,
            Variant = string.Join(',', words),
            BlockSize = Geometry.ClusterSize,
            ParentName = Extensions.BackingName,
            IsUnclean = IsDirty,
            Warnings = warnings,
        };
    }

    /// <summary>Puts the fields that can change into the header's first sector.</summary>
    public void Patch(Span<byte> sector)
    {
        BinaryPrimitives.WriteInt64BigEndian(sector[SizeOffset..], Size);
        BinaryPrimitives.WriteInt32BigEndian(sector[L1SizeOffset..], L1Size);
        BinaryPrimitives.WriteInt64BigEndian(sector[L1OffsetOffset..], L1Offset);
        BinaryPrimitives.WriteInt64BigEndian(sector[CountTableOffsetOffset..], CountTableOffset);
        BinaryPrimitives.WriteInt32BigEndian(
            sector[CountTableClustersOffset..], CountTableClusters);
        if (Version >= 3)
        {
            BinaryPrimitives.WriteUInt64BigEndian(
                sector[IncompatibleOffset..], (ulong)Incompatible);
            BinaryPrimitives.WriteUInt64BigEndian(sector[CompatibleOffset..], Compatible);
            BinaryPrimitives.WriteUInt64BigEndian(sector[AutoclearOffset..], Autoclear);
        }
    }

    private static void Add(List<string> list, bool holds, string text)
    {
        if (holds)
        {
            list.Add(text);
        }
    }
}
