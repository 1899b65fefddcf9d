using System.Buffers.Binary;
using System.Text;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Qcow2.Snapshots;

/// <summary>What every entry of the table of snapshots begins with; extra data, ID and name
/// follow.</summary>
internal readonly record struct Qcow2SnapshotEntry(
    long L1Offset, uint L1Size, int IdLength, int NameLength, uint ExtraLength)
{
    /// <summary>Bytes of the beginning.</summary>
    public const int HeadLength = 40;

    /// <summary>64 KiB: what is granted to extra data, of which QEMU writes 24 bytes and reads
    /// 1,024.</summary>
    public const int MaxExtra = 64 * 1024;

    private const int IdLengthOffset = 12;
    private const int NameLengthOffset = 14;
    private const int SecondsOffset = 16;
    private const int NanosecondsOffset = 20;
    private const int ShortStateSizeOffset = 32;
    private const int ExtraLengthOffset = 36;

    // Within the extra data.
    private const int StateSizeOffset = 0;
    private const int DiskSizeOffset = 8;

    /// <summary>Bytes of the entry, without what fills it up to the next.</summary>
    public long Length => HeadLength + ExtraLength + IdLength + NameLength;

    public static Qcow2SnapshotEntry Parse(ReadOnlySpan<byte> head) => new(
        BinaryPrimitives.ReadInt64BigEndian(head),
        BinaryPrimitives.ReadUInt32BigEndian(head[8..]),
        BinaryPrimitives.ReadUInt16BigEndian(head[IdLengthOffset..]),
        BinaryPrimitives.ReadUInt16BigEndian(head[NameLengthOffset..]),
        BinaryPrimitives.ReadUInt32BigEndian(head[ExtraLengthOffset..]));

    /// <summary>What the entry says.</summary>
    /// <param name="entry">All of its bytes.</param>
    /// <param name="imageSize">The image's size: an old snapshot notes none of its own.</param>
    public Qcow2Snapshot Read(ReadOnlySpan<byte> entry, long imageSize)
    {
        ReadOnlySpan<byte> extra = entry.Slice(HeadLength, (int)ExtraLength);
        ReadOnlySpan<byte> names = entry[(int)(HeadLength + ExtraLength)..];
        DateTimeOffset created = DateTimeOffset
            .FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(entry[SecondsOffset..]))
            .AddTicks(BinaryPrimitives.ReadUInt32BigEndian(entry[NanosecondsOffset..]) / 100);
        long length = extra.Length >= DiskSizeOffset + 8
            ? BinaryPrimitives.ReadInt64BigEndian(extra[DiskSizeOffset..])
            : imageSize;
        return new Qcow2Snapshot(L1Offset, (int)L1Size, new DiskSnapshot(
            Encoding.UTF8.GetString(names[..IdLength]),
            Encoding.UTF8.GetString(names[IdLength..]),
            created,
            length)
        {
            MachineStateSize = extra.Length >= StateSizeOffset + 8
                ? Math.Max(0, BinaryPrimitives.ReadInt64BigEndian(extra[StateSizeOffset..]))
                : BinaryPrimitives.ReadUInt32BigEndian(entry[ShortStateSizeOffset..]),
        });
    }
}
