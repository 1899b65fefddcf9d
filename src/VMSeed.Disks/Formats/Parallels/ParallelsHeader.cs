using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Parallels.ParallelsConstants;

namespace VMSeed.Disks.Formats.Parallels;

// Header, 64 bytes | table: 4 bytes a cluster | up to a cluster's border | clusters
//
// Version 1 counts the places of clusters in sectors, version 2 in clusters. Everything that
// changes when an image grows lies in the first sector, which is written whole.

/// <summary>The header of an expandable image.</summary>
internal sealed record ParallelsHeader
{
    /// <summary>1, or 2 for the one whose magic ends in "Ext".</summary>
    public required int Generation { get; init; }

    /// <summary>Bytes of a cluster; not a power of two in old images.</summary>
    public required int ClusterSize { get; init; }

    public required int EntryCount { get; init; }

    /// <summary>The disk's size in bytes.</summary>
    public required long DiskSize { get; init; }

    public uint InUseMark { get; init; } = Closed;

    /// <summary>Where the first cluster may lie, in bytes.</summary>
    public required long DataOffset { get; init; }

    public uint Flags { get; init; }

    /// <summary>Where bitmaps and other extensions lie, in sectors; 0 where there are
    /// none.</summary>
    public long Extension { get; init; }

    public bool IsUnclean => InUseMark == InUse;

    /// <summary>Where the table ends.</summary>
    public long TableEnd => HeaderLength + (4L * EntryCount);

    /// <summary>What an entry is a multiple of, in bytes.</summary>
    public int EntryUnit => Generation == 1 ? SectorSize : ClusterSize;

    public static bool IsMagic(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Magic1) || bytes.StartsWith(Magic2);

    public static async ValueTask<ParallelsHeader> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Math.Min(HeaderLength, file.Length)];
        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        return Parse(bytes, file.Length);
    }

    /// <summary>Reads a header and holds it to the file.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// version.</exception>
    public static ParallelsHeader Parse(ReadOnlySpan<byte> bytes, long fileLength)
    {
        Require(
            bytes.Length >= HeaderLength && IsMagic(bytes),
            $"the file of {fileLength} bytes does not begin with one");
        uint version = UInt32(bytes, VersionOffset);
        if (version != FormatVersion)
        {
            throw DiskFormatException.Unsupported(
                $"The Parallels image has version {version}; {FormatVersion} is read.");
        }

        int generation = bytes.StartsWith(Magic1) ? 1 : 2;
        uint tracks = UInt32(bytes, TracksOffset);
        uint count = UInt32(bytes, EntryCountOffset);
        ulong sectors = generation == 1
            ? UInt32(bytes, SectorsOffset)
            : BinaryPrimitives.ReadUInt64LittleEndian(bytes[SectorsOffset..]);
        Require(
            tracks is > 0 and <= GreatestClusterSize / SectorSize,
            $"a cluster has {tracks} sectors, not 1 to {GreatestClusterSize / SectorSize}");
        Require(
            count <= GreatestEntryCount,
            $"the table has {count} entries; {GreatestEntryCount} are the most");
        Require(
            sectors <= (ulong)count * tracks,
            $"{count} clusters of {tracks} sectors are less than the disk's {sectors}");
        long tableEnd = HeaderLength + (4L * count);
        Require(
            tableEnd <= fileLength,
            $"a table of {count} entries does not fit a file of {fileLength} bytes");
        return new ParallelsHeader
        {
            Generation = generation,
            ClusterSize = (int)tracks * SectorSize,
            EntryCount = (int)count,
            DiskSize = (long)sectors * SectorSize,
            InUseMark = UInt32(bytes, InUseOffset),
            DataOffset = DataStart(UInt32(bytes, DataOffsetOffset), tableEnd),
            Flags = UInt32(bytes, FlagsOffset),
            Extension = BinaryPrimitives.ReadInt64LittleEndian(bytes[ExtensionOffset..]),
        };
    }

    /// <summary>Writes the header, in the manner of Parallels Desktop.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderLength];
        long sectors = DiskSize / SectorSize;
        (Generation == 1 ? Magic1 : Magic2).CopyTo(bytes);
        Put(bytes, VersionOffset, FormatVersion);
        Put(bytes, HeadsOffset, Heads);
        Put(bytes, CylindersOffset, (uint)(sectors / Heads / SectorsPerTrack));
        Put(bytes, TracksOffset, (uint)(ClusterSize / SectorSize));
        Put(bytes, EntryCountOffset, (uint)EntryCount);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(SectorsOffset), sectors);
        Put(bytes, InUseOffset, InUseMark);
        Put(bytes, DataOffsetOffset, (uint)(DataOffset / SectorSize));
        Put(bytes, FlagsOffset, Flags);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(ExtensionOffset), Extension);
        return bytes;
    }

    // Old images say nothing: their clusters begin in the sector after the table. It tells only
    // where new clusters may go, so that a wrong one harms nobody.
    private static long DataStart(uint sectors, long tableEnd) => Math.Max(
        (long)sectors * SectorSize, (tableEnd + SectorSize - 1) / SectorSize * SectorSize);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt(
                $"The header of the Parallels image is wrong: {otherwise}.");
        }
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static void Put(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);
}
