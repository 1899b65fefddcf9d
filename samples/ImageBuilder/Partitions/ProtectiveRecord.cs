using System.Buffers.Binary;

namespace VMSeed.ImageBuilder.Partitions;

/// <summary>The partition table of a boot sector that says that all of the disk is taken (UEFI
/// specification, section 5.2.3).</summary>
internal static class ProtectiveRecord
{
    private const int EntryOffset = 446;
    private const int TableSize = 64;
    private const int MarkOffset = 510;
    private const byte ProtectiveType = 0xEE;

    /// <summary>Writes the table into a boot sector, and leaves its code as it is.</summary>
    /// <param name="sector">The sector.</param>
    /// <param name="sectors">The disk's size in sectors.</param>
    public static void Write(Span<byte> sector, long sectors)
    {
        sector.Slice(EntryOffset, TableSize).Clear();
        Span<byte> entry = sector[EntryOffset..];
        entry[2] = 2; // Cylinder 0, head 0, sector 2: the header.
        entry[4] = ProtectiveType;
        entry.Slice(5, 3).Fill(0xFF);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(
            entry[12..], (uint)Math.Min(sectors - 1, uint.MaxValue));
        sector[MarkOffset] = 0x55;
        sector[MarkOffset + 1] = 0xAA;
    }
}
