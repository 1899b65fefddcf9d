using System.Buffers.Binary;
using VMSeed.Disks.Formats.Vhdx.Tables;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>Writes the metadata of a new image: the table, and behind it the items.</summary>
internal static class VhdxMetadataWriter
{
    private const int CountOffset = 10;
    private const int EntryLength = 32;

    // As Windows writes it for every disk: what a modern drive has.
    private const int PhysicalSector = 4096;

    public static byte[] Write(
        VhdxGeometry geometry, bool isFixed, Guid diskId, VhdxParentLocator? parent)
    {
        uint flags = (isFixed ? LeaveBlocksAllocated : 0) | (geometry.HasParent ? HasParent : 0);
        List<(Guid Id, uint Flags, byte[] Data)> items =
        [
            (FileParameters, IsRequired,
                [.. Bytes(geometry.BlockSize), .. Bytes((int)flags)]),
            (VirtualDiskSize, IsRequired | IsVirtualDisk, Bytes(geometry.DiskSize)),
            (LogicalSectorSize, IsRequired | IsVirtualDisk,
                Bytes(geometry.SectorSize)),
            (PhysicalSectorSize, IsRequired | IsVirtualDisk, Bytes(PhysicalSector)),
            (VirtualDiskId, IsRequired | IsVirtualDisk, diskId.ToByteArray()),
        ];
        if (parent is not null)
        {
            items.Add((ParentLocator, IsRequired, parent.ToBytes()));
        }

        return Lay(items);
    }

    private static byte[] Lay(List<(Guid Id, uint Flags, byte[] Data)> items)
    {
        byte[] bytes = new byte[MetadataTableLength + items.Sum(item => item.Data.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, MetadataSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes.AsSpan(CountOffset), (ushort)items.Count);
        int offset = MetadataTableLength;
        int entryAt = EntryLength;
        foreach ((Guid id, uint flags, byte[] data) in items)
        {
            Span<byte> entry = bytes.AsSpan(entryAt, EntryLength);
            id.TryWriteBytes(entry);
            BinaryPrimitives.WriteInt32LittleEndian(entry[16..], offset);
            BinaryPrimitives.WriteInt32LittleEndian(entry[20..], data.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], flags);
            data.CopyTo(bytes, offset);
            offset += data.Length;
            entryAt += EntryLength;
        }

        return bytes;
    }

    private static byte[] Bytes(int value)
    {
        byte[] bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(long value)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }
}
