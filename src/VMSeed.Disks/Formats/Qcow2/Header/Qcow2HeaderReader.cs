using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>Reads a header and holds it to its file before anything is allocated by it.</summary>
internal static class Qcow2HeaderReader
{
    private const Qcow2Features Known = Qcow2Features.Dirty | Qcow2Features.Corrupt
        | Qcow2Features.DataFile | Qcow2Features.CompressionType | Qcow2Features.ExtendedL2;

    /// <summary>Reads the header of an image.</summary>
    /// <exception cref="DiskFormatException">It contradicts itself or its file, or uses what is not
    /// known here.</exception>
    public static async ValueTask<Qcow2Header> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        byte[] head = new byte[Math.Min(V3HeaderLength, file.Length)];
        await file.ReadAsync(0, head, cancellationToken).ConfigureAwait(false);
        if (head.Length < V2HeaderLength || !head.AsSpan().StartsWith(Magic))
        {
            throw DiskFormatException.Corrupt("The file is too short for the header of a qcow2.");
        }

        int bits = (int)Math.Min(UInt32(head, ClusterBitsOffset), 99);
        Require(
            bits is >= LeastClusterBits and <= GreatestClusterBits,
            $"a cluster has 2^{bits} bytes, not 2^{LeastClusterBits} to 2^{GreatestClusterBits}");
        byte[] cluster = new byte[Math.Min(1L << bits, file.Length)];
        await file.ReadAsync(0, cluster, cancellationToken).ConfigureAwait(false);
        Qcow2Header header = Parse(cluster, bits);
        Check(header, file.Length);
        return header;
    }

    private static Qcow2Header Parse(ReadOnlySpan<byte> bytes, int clusterBits)
    {
        uint version = UInt32(bytes, 4);
        if (version is < 2 or > 3)
        {
            throw DiskFormatException.Unsupported(
                $"The qcow2 has version {version}; 2 and 3 are read.");
        }

        bool isV3 = version == 3;
        int length = isV3 ? ReadLength(bytes) : V2HeaderLength;
        var features = (Qcow2Features)(isV3 ? UInt64(bytes, IncompatibleOffset) : 0);
        CheckFeatures(features, UInt32(bytes, CryptOffset));
        return new Qcow2Header
        {
            Version = (int)version,
            Geometry = new(clusterBits, features.HasFlag(Qcow2Features.ExtendedL2)),
            Size = (long)UInt64(bytes, SizeOffset),
            L1Offset = (long)UInt64(bytes, L1OffsetOffset),
            L1Size = (int)Math.Min(UInt32(bytes, L1SizeOffset), int.MaxValue),
            CountTableOffset = (long)UInt64(bytes, CountTableOffsetOffset),
            CountTableClusters =
                (int)Math.Min(UInt32(bytes, CountTableClustersOffset), int.MaxValue),
            SnapshotCount = (int)Math.Min(UInt32(bytes, SnapshotCountOffset), int.MaxValue),
            SnapshotOffset = (long)UInt64(bytes, SnapshotOffsetOffset),
            Incompatible = features,
            Compatible = isV3 ? UInt64(bytes, CompatibleOffset) : 0,
            Autoclear = isV3 ? UInt64(bytes, AutoclearOffset) : 0,
            CountOrder = isV3 ? (int)Math.Min(UInt32(bytes, CountOrderOffset), 99) : 4,
            Compression = length > CompressionOffset
                ? (Qcow2Compression)bytes[CompressionOffset] : Qcow2Compression.Zlib,
            HeaderLength = length,
            Extensions = Qcow2Extensions.Parse(bytes, length),
        };
    }

    private static int ReadLength(ReadOnlySpan<byte> bytes)
    {
        Require(
            bytes.Length >= LeastV3HeaderLength,
            $"the file has {bytes.Length} bytes, where version 3 has a header of "
            + $"{LeastV3HeaderLength}");
        uint length = UInt32(bytes, HeaderLengthOffset);
        Require(
            length >= LeastV3HeaderLength && length % 8 == 0 && length <= (uint)bytes.Length,
            $"it has {length} bytes, not a multiple of 8 from {LeastV3HeaderLength} to "
            + $"{bytes.Length}");
        return (int)length;
    }

    private static void CheckFeatures(Qcow2Features features, uint crypt)
    {
        if (crypt != 0)
        {
            throw DiskFormatException.Unsupported(
                $"The qcow2 is encrypted by method {crypt}; none is known here.");
        }

        if ((features & ~Known) != 0)
        {
            throw DiskFormatException.Unsupported(
                $"The qcow2 uses the features 0x{(ulong)features:X}, of which "
                + $"0x{(ulong)(features & ~Known):X} are not known here.");
        }
    }

    private static void Check(Qcow2Header header, long fileLength)
    {
        Qcow2Geometry geometry = header.Geometry;
        Require(
            !geometry.IsExtended || geometry.ClusterBits >= LeastExtendedClusterBits,
            $"its clusters of {geometry.ClusterSize} bytes are too small for subclusters");
        Require(header.Size >= 0, $"its disk has {(ulong)header.Size} bytes");
        Require(
            header.CountOrder <= 6, $"a refcount has 2^{header.CountOrder} bits, not up to 2^6");
        Require(
            header.Compression == (header.Incompatible.HasFlag(Qcow2Features.CompressionType)
                ? Qcow2Compression.Zstd : Qcow2Compression.Zlib),
            $"its compression is of type {(int)header.Compression}, and its features say "
            + $"otherwise, or the type is neither 0 nor 1");
        Require(
            header.SnapshotCount <= MaxSnapshots
                && (header.SnapshotCount == 0 || IsPlace(header, header.SnapshotOffset)),
            $"it has {header.SnapshotCount} snapshots at {header.SnapshotOffset}; at most "
            + $"{MaxSnapshots} at the beginning of a cluster are read");
        CheckTables(header, fileLength);
    }

    private static void CheckTables(Qcow2Header header, long fileLength)
    {
        long entries = header.Geometry.L1Entries(header.Size);
        Require(
            header.L1Size >= entries && header.L1Size <= MaxL1Bytes / 8,
            $"its L1 table has {header.L1Size} entries, where {header.Size} bytes need {entries} "
            + $"and {MaxL1Bytes / 8} are the most");
        Require(
            header.L1Size == 0 || (IsPlace(header, header.L1Offset)
                && header.L1Offset <= fileLength - (8L * header.L1Size)),
            $"its L1 table of {header.L1Size} entries at {header.L1Offset} does not begin with a "
            + $"cluster, or does not fit a file of {fileLength} bytes");
        Require(
            IsPlace(header, header.CountTableOffset)
                && (long)header.CountTableClusters << header.Geometry.ClusterBits
                    <= MaxCountTableBytes,
            $"its refcount table of {header.CountTableClusters} clusters at "
            + $"{header.CountTableOffset} does not begin with a cluster, or has more than "
            + $"{MaxCountTableBytes} bytes");
    }

    private static bool IsPlace(Qcow2Header header, long offset) =>
        offset > 0 && (offset & (header.Geometry.ClusterSize - 1)) == 0;

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw DiskFormatException.Corrupt($"The header of the qcow2 is wrong: {otherwise}.");
        }
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private static ulong UInt64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);
}
