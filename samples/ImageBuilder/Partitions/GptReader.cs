using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using VMSeed.Blocks;
using static VMSeed.ImageBuilder.Partitions.GptFormat;

namespace VMSeed.ImageBuilder.Partitions;

/// <summary>Reads a GUID partition table, of which every field may be a stranger's.</summary>
public static class GptReader
{
    // Everybody's tables have 128 of 128 bytes; sgdisk makes up to 1,024 on request.
    private const int MaxEntries = 1024;
    private const int MaxEntrySize = 4096;

    /// <summary>Reads the table at the disk's beginning or, where that is damaged, its copy at the
    /// end.</summary>
    /// <param name="disk">The disk, of 512-byte sectors.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The table, without entries that are unused or do not lie on the disk; null where
    /// the disk has none.</returns>
    /// <exception cref="ImageBuilderException">It has one, and both copies are
    /// damaged.</exception>
    public static async Task<GptTable?> ReadAsync(
        BlockDevice disk, CancellationToken cancellationToken = default)
    {
        bool isMarked = false;
        long last = (disk.Length / SectorSize) - 1;
        foreach (long sector in (long[])[1, last])
        {
            byte[] header = new byte[SectorSize];
            if (sector < 1 || sector > last)
            {
                continue;
            }

            await disk.ReadAsync(sector * SectorSize, header, cancellationToken);
            isMarked |= header.AsSpan().StartsWith(Signature);
            if (IsWhole(header)
                && await ReadAsync(disk, header, cancellationToken) is { } table)
            {
                return table;
            }
        }

        return isMarked
            ? throw new ImageBuilderException(
                ImageBuilderFault.Damaged,
                "The disk's partition table (GPT) is damaged, and so is its copy. "
                + "'sgdisk --verify' tells more.")
            : null;
    }

    private static async Task<GptTable?> ReadAsync(
        BlockDevice disk, byte[] header, CancellationToken cancellationToken)
    {
        ulong sectors = (ulong)(disk.Length / SectorSize);
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(72));
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(80));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(84));
        if (count is 0 or > MaxEntries || size is < EntrySize or > MaxEntrySize
            || start >= sectors || count * size > (sectors - start) * SectorSize)
        {
            return null;
        }

        byte[] entries = new byte[count * size];
        await disk.ReadAsync((long)start * SectorSize, entries, cancellationToken);
        return Crc32.HashToUInt32(entries)
            == BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(88))
            ? new GptTable(
                new Guid(header.AsSpan(56, 16)),
                [
                    .. Enumerable.Range(0, (int)count)
                        .Select(i => Parse(
                            entries.AsSpan(i * (int)size, EntrySize), i + 1, sectors))
                        .OfType<GptPartition>(),
                ])
            : null;
    }

    // The checksum is of the header as if it had none.
    private static bool IsWhole(ReadOnlySpan<byte> header)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (!header.StartsWith(Signature) || length is < HeaderSize or > SectorSize)
        {
            return false;
        }

        byte[] bare = header[..(int)length].ToArray();
        bare.AsSpan(16, sizeof(uint)).Clear();
        return Crc32.HashToUInt32(bare) == BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
    }

    private static GptPartition? Parse(ReadOnlySpan<byte> entry, int number, ulong sectors)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        Guid type = new(entry[..16]);
        return type == Guid.Empty || first > last || last >= sectors
            ? null
            : new GptPartition(
                Encoding.Unicode.GetString(entry.Slice(56, 2 * NameLength)).TrimEnd('\0'),
                type,
                new Guid(entry.Slice(16, 16)),
                (long)first * SectorSize,
                (long)(last - first + 1) * SectorSize)
            {
                Number = number,
            };
    }
}
