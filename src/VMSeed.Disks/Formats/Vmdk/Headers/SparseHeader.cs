using System.Buffers.Binary;
using System.Numerics;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Headers;

/// <summary>The header of a hosted sparse extent ("KDMV"); offsets and sizes are in
/// sectors.</summary>
internal sealed record SparseHeader
{
    public const int Length = 512;

    public const uint Magic = 0x564D444B;

    /// <summary>The least version that may have grains of zeros, entries of 1.</summary>
    public const uint ZeroVersion = 2;

    /// <summary>The least version that may have compressed grains to VMware, and the only one that
    /// ESXi takes them from.</summary>
    public const uint CompressedVersion = 3;

    /// <summary>The directory's place when only the footer has it.</summary>
    public const long DirectoryInFooter = -1;

    private const uint NewlineFlag = 1;
    private const uint RedundantFlag = 2;
    private const uint ZeroFlag = 4;
    private const uint CompressedFlag = 1 << 16;
    private const uint MarkerFlag = 1 << 17;
    private const int UncleanOffset = 72;

    // A file that went through a text mode of FTP has lost or gained some of them.
    private static ReadOnlySpan<byte> Canary => [0x0A, 0x20, 0x0D, 0x0A];

    public required uint Version { get; init; }

    public required long Capacity { get; init; }

    public required int GrainSectors { get; init; }

    public required int EntriesPerTable { get; init; }

    public long DescriptorOffset { get; init; }

    public long DescriptorSectors { get; init; }

    public long RedundantDirectory { get; init; }

    public required long Directory { get; init; }

    public long Overhead { get; init; }

    /// <summary>Whether an entry of 1 is a grain of zeros.</summary>
    public bool HasZeroGrains { get; init; }

    public bool HasRedundancy { get; init; }

    public bool IsCompressed { get; init; }

    /// <summary>Whether each compressed grain has its place and its length before it.</summary>
    public bool HasMarkers { get; init; }

    public bool IsUnclean { get; init; }

    public int GrainSize => GrainSectors * SectorSize;

    /// <summary>What a table covers, in bytes.</summary>
    public long Coverage => (long)GrainSize * EntriesPerTable;

    /// <summary>How many tables there are.</summary>
    public long TableCount => ((Capacity * SectorSize) + Coverage - 1) / Coverage;

    public static bool Recognizes(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= sizeof(uint) && UInt32(bytes, 0) == Magic;

    /// <summary>Reads a header, or a footer.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself, or is of another
    /// version.</exception>
    public static SparseHeader Parse(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length >= Length && Recognizes(bytes), "it does not begin with KDMV");
        uint flags = UInt32(bytes, 8);
        long grain = Int64(bytes, 20);
        Require(
            grain is >= 1 and <= GreatestGrainSectors && BitOperations.IsPow2(grain),
            $"its grain of {grain} sectors is not a power of two up to {GreatestGrainSectors}");
        Require(
            (flags & NewlineFlag) == 0 || bytes.Slice(73, 4).SequenceEqual(Canary),
            "its line ends were changed: the file was transferred as text");
        var header = new SparseHeader
        {
            Version = UInt32(bytes, 4),
            Capacity = Int64(bytes, 12),
            GrainSectors = (int)grain,
            DescriptorOffset = Int64(bytes, 28),
            DescriptorSectors = Int64(bytes, 36),
            EntriesPerTable = (int)Math.Min(UInt32(bytes, 44), int.MaxValue),
            RedundantDirectory = Int64(bytes, 48),
            Directory = Int64(bytes, 56),
            Overhead = Int64(bytes, 64),
            HasRedundancy = (flags & RedundantFlag) != 0,
            HasZeroGrains = (flags & ZeroFlag) != 0,
            IsCompressed = (flags & CompressedFlag) != 0,
            HasMarkers = (flags & MarkerFlag) != 0,
            IsUnclean = bytes[UncleanOffset] != 0,
        };
        header.Check(BinaryPrimitives.ReadUInt16LittleEndian(bytes[77..]));
        return header;
    }

    /// <summary>Puts the place of the descriptor into a header's bytes, in sectors.</summary>
    public static void PutDescriptor(Span<byte> header, long offset, long length)
    {
        Put(header, 28, offset);
        Put(header, 36, length);
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Length];
        Put(bytes, 0, Magic);
        Put(bytes, 4, Version);
        Put(
            bytes,
            8,
            NewlineFlag | (HasRedundancy ? RedundantFlag : 0) | (HasZeroGrains ? ZeroFlag : 0)
                | (IsCompressed ? CompressedFlag : 0) | (HasMarkers ? MarkerFlag : 0));
        Put(bytes, 12, Capacity);
        Put(bytes, 20, (long)GrainSectors);
        Put(bytes, 28, DescriptorOffset);
        Put(bytes, 36, DescriptorSectors);
        Put(bytes, 44, (uint)EntriesPerTable);
        Put(bytes, 48, RedundantDirectory);
        Put(bytes, 56, Directory);
        Put(bytes, 64, Overhead);
        bytes[UncleanOffset] = IsUnclean ? (byte)1 : (byte)0;
        Canary.CopyTo(bytes.AsSpan(73));
        bytes[77] = IsCompressed ? (byte)1 : (byte)0;
        return bytes;
    }

    private void Check(int compression)
    {
        if (Version is < 1 or > 3)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's extent has version {Version}; 1 to 3 are read.");
        }

        if (IsCompressed && compression != 1)
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK is compressed by algorithm {compression}; 1, deflate, is read.");
        }

        Require(
            Capacity is >= 0 and <= long.MaxValue / SectorSize / 2,
            $"its disk has {Capacity} sectors");
        Require(
            EntriesPerTable is >= 1 and <= 512,
            $"its tables have {EntriesPerTable} entries, not 1 to 512");
        Require(
            TableCount <= GreatestTableCount,
            $"its disk of {Capacity} sectors needs {TableCount} tables; at most "
            + $"{GreatestTableCount} are read");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt(
                $"The header of the VMDK's extent is wrong: {otherwise}.");
        }
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private static void Put(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);

    private static void Put(Span<byte> bytes, int at, long value) =>
        BinaryPrimitives.WriteInt64LittleEndian(bytes[at..], value);
}
