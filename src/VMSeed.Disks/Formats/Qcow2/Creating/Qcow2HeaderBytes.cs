using System.Buffers.Binary;
using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Creating;

/// <summary>Writes the first cluster of a new image: the header, its extensions, the name of the
/// parent.</summary>
internal static class Qcow2HeaderBytes
{
    private const int FeatureNameLength = 48;

    // Kind (0 incompatible, 1 compatible, 2 autoclear), bit, and the name that an older program
    // shows when it refuses the image; the names are QEMU's.
    private static readonly (byte Kind, byte Bit, string Name)[] s_names =
    [
        (0, 0, "dirty bit"),
        (0, 1, "corrupt bit"),
        (0, 2, "external data file"),
        (0, 3, "compression type"),
        (0, 4, "extended L2 entries"),
        (1, 0, "lazy refcounts"),
        (2, 0, "bitmaps"),
        (2, 1, "raw external data"),
    ];

    /// <summary>The bytes, as far as they are not zeros.</summary>
    /// <exception cref="DiskFormatException">The names are too long for a cluster.</exception>
    public static byte[] Make(Qcow2Header header)
    {
        Qcow2Extensions names = header.Extensions;
        var bytes = new List<byte>(1024);
        bytes.AddRange(Fields(header));
        AddText(bytes, BackingFormatExtension, names.BackingFormat);
        AddText(bytes, DataFileExtension, names.DataFileName);
        byte[] backing = Encoding.UTF8.GetBytes(names.BackingName ?? "");
        byte[] features = FeatureNames();
        int room = header.Geometry.ClusterSize - bytes.Count - 8 - backing.Length;
        if (header.Version >= 3 && room >= features.Length + 8)
        {
            Add(bytes, FeatureNamesExtension, features);
        }

        Add(bytes, EndExtension, []);
        if (backing.Length > MaxBackingLength || room < 0)
        {
            throw DiskFormatException.Unsupported(
                $"The name '{names.BackingName}' of the parent is too long for a qcow2 with "
                + $"clusters of {header.Geometry.ClusterSize} bytes: it has {backing.Length} "
                + $"bytes, of at most {MaxBackingLength}.");
        }

        byte[] cluster = [.. bytes, .. backing];
        if (backing.Length > 0)
        {
            BinaryPrimitives.WriteInt64BigEndian(
                cluster.AsSpan(BackingOffsetOffset), bytes.Count);
            BinaryPrimitives.WriteInt32BigEndian(
                cluster.AsSpan(BackingLengthOffset), backing.Length);
        }

        return cluster;
    }

    private static byte[] Fields(Qcow2Header header)
    {
        byte[] fields = new byte[header.Version >= 3 ? V3HeaderLength : V2HeaderLength];
        Magic.CopyTo(fields);
        BinaryPrimitives.WriteInt32BigEndian(fields.AsSpan(4), header.Version);
        BinaryPrimitives.WriteInt32BigEndian(
            fields.AsSpan(ClusterBitsOffset), header.Geometry.ClusterBits);
        header.Patch(fields);
        if (header.Version >= 3)
        {
            BinaryPrimitives.WriteInt32BigEndian(
                fields.AsSpan(CountOrderOffset), header.CountOrder);
            BinaryPrimitives.WriteInt32BigEndian(fields.AsSpan(HeaderLengthOffset), fields.Length);
            fields[CompressionOffset] = (byte)header.Compression;
        }

        return fields;
    }

    private static byte[] FeatureNames()
    {
        byte[] table = new byte[s_names.Length * FeatureNameLength];
        for (int i = 0; i < s_names.Length; i++)
        {
            Span<byte> entry = table.AsSpan(i * FeatureNameLength, FeatureNameLength);
            (entry[0], entry[1], string name) = s_names[i];
            Encoding.ASCII.GetBytes(name, entry[2..]);
        }

        return table;
    }

    private static void AddText(List<byte> bytes, uint type, string? text)
    {
        if (text is not null)
        {
            Add(bytes, type, Encoding.UTF8.GetBytes(text));
        }
    }

    private static void Add(List<byte> bytes, uint type, byte[] data)
    {
        byte[] head = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(head, type);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), data.Length);
        bytes.AddRange(head);
        bytes.AddRange(data);
        bytes.AddRange(new byte[-data.Length & 7]);
    }
}
