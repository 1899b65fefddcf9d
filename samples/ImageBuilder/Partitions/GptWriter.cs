using System.Buffers.Binary;
using System.IO.Hashing;
using VMSeed.Blocks;
using static VMSeed.ImageBuilder.Partitions.GptFormat;

namespace VMSeed.ImageBuilder.Partitions;

/// <summary>Writes both copies of a GPT, and the boot sector before them.</summary>
public static class GptWriter
{
    /// <summary>Writes a table onto a disk of 512-byte sectors.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="table">The table.</param>
    /// <param name="bootCode">The first sector's code: up to 440 bytes; empty for none.</param>
    /// <param name="cancellationToken">Gives up; the disk's table is then of no use.</param>
    /// <returns>A task that is done when all is written.</returns>
    /// <exception cref="ArgumentException">A partition does not fit the disk, or overlaps with
    /// another.</exception>
    public static async Task WriteAsync(
        BlockDevice disk,
        GptTable table,
        ReadOnlyMemory<byte> bootCode = default,
        CancellationToken cancellationToken = default)
    {
        long sectors = disk.Length / SectorSize;
        Check(table, sectors);
        byte[] array = ArrayOf(table);
        byte[] start = new byte[FirstUsable * SectorSize];
        bootCode.Span.CopyTo(start.AsSpan(0, 440));
        ProtectiveRecord.Write(start.AsSpan(0, SectorSize), sectors);
        WriteHeader(start.AsSpan(SectorSize), table.DiskId, array, sectors, own: 1);
        array.CopyTo(start, 2 * SectorSize);
        await disk.WriteAsync(0, start, cancellationToken);

        byte[] end = new byte[ArraySize + SectorSize];
        array.CopyTo(end, 0);
        WriteHeader(end.AsSpan(ArraySize), table.DiskId, array, sectors, own: sectors - 1);
        await disk.WriteAsync(
            (sectors * SectorSize) - end.Length, end, cancellationToken);
    }

    private static void Check(GptTable table, long sectors)
    {
        if (table.Partitions.Count > EntryCount)
        {
            throw new ArgumentException(
                $"There are {table.Partitions.Count} partitions; a table has {EntryCount} at most.",
                nameof(table));
        }

        long end = FirstUsable * SectorSize;
        long limit = (LastUsable(sectors) + 1) * SectorSize;
        foreach (GptPartition partition in table.Partitions.OrderBy(one => one.Offset))
        {
            if (partition.Offset < end || partition.Length <= 0 || partition.End > limit
                || (partition.Offset | partition.Length) % SectorSize != 0
                || partition.Name.Length > NameLength)
            {
                throw new ArgumentException(
                    $"The partition {partition.Name} of {partition.Length} bytes at "
                    + $"{partition.Offset} does not lie in free sectors from {end} to {limit}.",
                    nameof(table));
            }

            end = partition.End;
        }
    }

    private static byte[] ArrayOf(GptTable table)
    {
        byte[] array = new byte[ArraySize];
        for (int i = 0; i < table.Partitions.Count; i++)
        {
            GptPartition partition = table.Partitions[i];
            Span<byte> entry = array.AsSpan(i * EntrySize, EntrySize);
            partition.Type.TryWriteBytes(entry);
            partition.Id.TryWriteBytes(entry[16..]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[32..], partition.Offset / SectorSize);
            BinaryPrimitives.WriteInt64LittleEndian(entry[40..], (partition.End / SectorSize) - 1);
            for (int unit = 0; unit < partition.Name.Length; unit++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(
                    entry[(56 + (2 * unit))..], partition.Name[unit]);
            }
        }

        return array;
    }

    private static void WriteHeader(
        Span<byte> header, Guid disk, ReadOnlySpan<byte> array, long sectors, long own)
    {
        bool isFirst = own == 1;
        header = header[..HeaderSize];
        Signature.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Revision);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], own);
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], isFirst ? sectors - 1 : 1);
        BinaryPrimitives.WriteInt64LittleEndian(header[40..], FirstUsable);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], LastUsable(sectors));
        disk.TryWriteBytes(header[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(
            header[72..], isFirst ? 2 : sectors - 1 - ArraySectors);
        BinaryPrimitives.WriteInt32LittleEndian(header[80..], EntryCount);
        BinaryPrimitives.WriteInt32LittleEndian(header[84..], EntrySize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.HashToUInt32(array));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.HashToUInt32(header));
    }
}
