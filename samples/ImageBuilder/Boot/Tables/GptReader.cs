using System.Buffers.Binary;
using System.IO.Hashing;
using VMSeed.Blocks;
using static VMSeed.ImageBuilder.Boot.Tables.PartitionTable;

namespace VMSeed.ImageBuilder.Boot.Tables;

/// <summary>Reads a GUID partition table, of which every field is a stranger's (UEFI specification
/// 2.10, section 5.3).</summary>
internal static class GptReader
{
    private const int HeaderSize = 92;
    private const int MinEntrySize = 128;
    private const int MaxEntrySize = 4096;

    // Everybody's tables have 128; sgdisk makes up to 1,024 on request.
    private const int MaxEntries = 1024;

    /// <summary>Reads the table at the disk's begin or, where that is damaged, its copy at the
    /// end.</summary>
    /// <returns>The partitions; null where the disk has no such table.</returns>
    /// <exception cref="ImageBuilderException">It has one, and both copies are
    /// damaged.</exception>
    public static async ValueTask<IReadOnlyList<DiskPartition>?> FindAsync(
        BlockDevice disk, CancellationToken cancellationToken)
    {
        bool marked = false;
        long last = (disk.Length / SectorSize) - 1;
        foreach (long sector in (long[])[1, last])
        {
            byte[] header = new byte[SectorSize];
            if (sector < 1 || sector > last)
            {
                continue;
            }

            await disk.ReadAsync(sector * SectorSize, header, cancellationToken);
            if (!header.AsSpan().StartsWith("EFI PART"u8))
            {
                continue;
            }

            marked = true;
            if (await ReadAsync(disk, header, cancellationToken) is { } partitions)
            {
                return partitions;
            }
        }

        return marked
            ? throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                "The disk's partition table (GPT) is damaged, and so is its copy. "
                + "'sgdisk --verify' tells more.")
            : null;
    }

    private static async ValueTask<IReadOnlyList<DiskPartition>?> ReadAsync(
        BlockDevice disk, byte[] header, CancellationToken cancellationToken)
    {
        if (EntriesOf(header) is not var (sector, count, size)
            || (ulong)sector > (ulong)(disk.Length / SectorSize)
            || (count * size) > disk.Length - (sector * SectorSize))
        {
            return null;
        }

        byte[] entries = new byte[count * size];
        await disk.ReadAsync(sector * SectorSize, entries, cancellationToken);
        return Crc32.HashToUInt32(entries) == BinaryPrimitives.ReadUInt32LittleEndian(
            header.AsSpan(88))
            ? [.. Enumerable.Range(0, count)
                .Select(i => Parse(entries.AsSpan(i * size, size), i + 1, disk.Length))
                .OfType<DiskPartition>()]
            : null;
    }

    private static (long Sector, int Count, int Size)? EntriesOf(ReadOnlySpan<byte> header)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header[80..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
        if (length is < HeaderSize or > SectorSize
            || count is 0 or > MaxEntries
            || size is < MinEntrySize or > MaxEntrySize)
        {
            return null;
        }

        // The checksum is of the header as if it had none.
        byte[] bare = header[..(int)length].ToArray();
        bare.AsSpan(16, sizeof(uint)).Clear();
        return Crc32.HashToUInt32(bare) == BinaryPrimitives.ReadUInt32LittleEndian(header[16..])
            ? (BinaryPrimitives.ReadInt64LittleEndian(header[72..]), (int)count, (int)size)
            : null;
    }

    // Unused, or not on this disk: a disk that was cut off keeps the partitions that are whole.
    private static DiskPartition? Parse(ReadOnlySpan<byte> entry, int number, long diskLength)
    {
        ulong sectors = (ulong)(diskLength / SectorSize);
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        return !entry[..16].ContainsAnyExcept((byte)0) || first > last || last >= sectors
            ? null
            : new DiskPartition(
                number, (long)first * SectorSize, (long)(last - first + 1) * SectorSize);
    }
}
