using System.Buffers.Binary;
using VMSeed.Blocks;
using static VMSeed.ImageBuilder.Boot.Tables.PartitionTable;

namespace VMSeed.ImageBuilder.Boot.Tables;

/// <summary>Reads the partition table of a boot sector, and the chain of tables that an extended
/// partition is.</summary>
/// <remarks>Whatever is no valid table is none: a file system's own boot sector has the same
/// mark.</remarks>
internal static class MbrReader
{
    private const int TableOffset = 446;
    private const int EntrySize = 16;
    private const int Entries = 4;

    // Logical partitions are counted from here, however many primary ones there are.
    private const int FirstLogical = 5;

    // A chain is of a stranger's making and may bite its tail; Linux counts to 255 at the most.
    private const int MaxLogical = 250;

    private const byte Protective = 0xEE;

    /// <summary>Reads the table.</summary>
    /// <returns>The partitions; none where there is no table.</returns>
    public static async ValueTask<IReadOnlyList<DiskPartition>> ReadAsync(
        BlockDevice disk, CancellationToken cancellationToken)
    {
        List<DiskPartition> found = [];
        Entry[] table = await ReadTableAsync(disk, sector: 0, cancellationToken);
        for (int i = 0; i < table.Length; i++)
        {
            Entry entry = table[i];
            if (entry.IsExtended)
            {
                await AddLogicalAsync(disk, entry.First, found, cancellationToken);
            }
            else if (entry.Type is not (0 or Protective) && entry.At(i + 1, 0, disk) is { } primary)
            {
                found.Add(primary);
            }
        }

        return [.. found.OrderBy(partition => partition.Number)];
    }

    // Each link has a partition, counted from the link itself, and the next link, counted from the
    // extended partition's begin.
    private static async ValueTask AddLogicalAsync(
        BlockDevice disk,
        long extended,
        List<DiskPartition> found,
        CancellationToken cancellationToken)
    {
        long link = extended;
        for (int number = FirstLogical; number < FirstLogical + MaxLogical; number++)
        {
            Entry[] table = await ReadTableAsync(disk, link, cancellationToken);
            if (table.Length == 0)
            {
                return;
            }

            if (table[0].At(number, link, disk) is { } logical)
            {
                found.Add(logical);
            }

            if (!table[1].IsExtended)
            {
                return;
            }

            link = extended + table[1].First;
        }
    }

    private static async ValueTask<Entry[]> ReadTableAsync(
        BlockDevice disk, long sector, CancellationToken cancellationToken)
    {
        if (sector >= disk.Length / SectorSize)
        {
            return [];
        }

        byte[] bytes = new byte[SectorSize];
        await disk.ReadAsync(sector * SectorSize, bytes, cancellationToken);
        if (bytes[510] != 0x55 || bytes[511] != 0xAA)
        {
            return [];
        }

        Entry[] table = [.. Enumerable.Range(0, Entries).Select(i => Entry.Parse(
            bytes.AsSpan(TableOffset + (i * EntrySize), EntrySize)))];
        return table.All(entry => entry.IsPlausible) ? table : [];
    }

    private readonly record struct Entry(byte Flag, byte Type, uint First, uint Count)
    {
        public bool IsPlausible => Flag is 0 or 0x80;

        public bool IsExtended => Type is 0x05 or 0x0F or 0x85 && Count > 0;

        public static Entry Parse(ReadOnlySpan<byte> bytes) => new(
            bytes[0],
            bytes[4],
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));

        /// <summary>The partition; null where the entry has none on this disk.</summary>
        public DiskPartition? At(int number, long origin, BlockDevice disk)
        {
            long first = origin + First;
            return Type == 0 || First == 0 || Count == 0
                || first + Count > disk.Length / SectorSize
                ? null
                : new DiskPartition(number, first * SectorSize, Count * (long)SectorSize);
        }
    }
}
