using System.Buffers.Binary;
using System.Text;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>The names in an image's first cluster, behind its header.</summary>
internal sealed record Qcow2Extensions
{
    public static Qcow2Extensions None { get; } = new();

    /// <summary>The backing file's name; null where there is none.</summary>
    public string? BackingName { get; init; }

    /// <summary>The backing file's format, by QEMU's word; null where the image does not
    /// say.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>The name of the file that holds the data; null where the image does not
    /// say.</summary>
    public string? DataFileName { get; init; }

    /// <summary>Reads the extensions one after the other, up to where the backing file's name
    /// begins.</summary>
    /// <param name="cluster">The image's first cluster, or as much of it as there is.</param>
    /// <param name="start">Where the header ends.</param>
    public static Qcow2Extensions Parse(ReadOnlySpan<byte> cluster, int start)
    {
        ulong nameOffset = BinaryPrimitives.ReadUInt64BigEndian(cluster[BackingOffsetOffset..]);
        uint nameLength = BinaryPrimitives.ReadUInt32BigEndian(cluster[BackingLengthOffset..]);
        Qcow2Extensions found = None;
        ReadOnlySpan<byte> rest = cluster;
        if (nameOffset != 0)
        {
            if (nameLength > MaxBackingLength || nameOffset > (ulong)cluster.Length
                || nameLength > (ulong)cluster.Length - nameOffset || nameOffset < (ulong)start)
            {
                throw DiskFormatException.Corrupt(
                    $"The qcow2 has the name of its backing file, {nameLength} bytes long, at "
                    + $"{nameOffset}; the name has at most {MaxBackingLength} bytes and lies "
                    + $"between {start} and {cluster.Length}.");
            }

            string name = Text(cluster.Slice((int)nameOffset, (int)nameLength));
            found = found with { BackingName = name.Length == 0 ? null : name };
            rest = cluster[..(int)nameOffset];
        }

        return Walk(rest[Math.Min(start, rest.Length)..], found);
    }

    private static Qcow2Extensions Walk(ReadOnlySpan<byte> rest, Qcow2Extensions found)
    {
        while (rest.Length >= 8)
        {
            uint type = BinaryPrimitives.ReadUInt32BigEndian(rest);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            if (type == EndExtension)
            {
                break;
            }

            if (length > (uint)rest.Length - 8)
            {
                throw DiskFormatException.Corrupt(
                    $"The qcow2 has a header extension 0x{type:X8} of {length} bytes, where "
                    + $"{rest.Length - 8} are left.");
            }

            ReadOnlySpan<byte> data = rest.Slice(8, (int)length);
            found = type switch
            {
                BackingFormatExtension => found with { BackingFormat = Text(data) },
                DataFileExtension => found with { DataFileName = Text(data) },
                _ => found,
            };
            rest = rest[Math.Min(rest.Length, 8 + (((int)length + 7) & ~7))..];
        }

        return found;
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.TrimEnd((byte)0));
}
