using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>Where an extent's tables lie.</summary>
internal static class GrainDirectory
{
    /// <summary>The place of a table that lies where no table can.</summary>
    public const long Bad = -1;

    private const int PieceLength = 64 << 10;

    /// <summary>Reads a directory of 32-bit sector numbers.</summary>
    /// <param name="file">The extent's file.</param>
    /// <param name="sector">Where it lies.</param>
    /// <param name="count">How many tables it lists; bounded by the header's check.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    /// <returns>The offset of each table in bytes; 0 for one that is not there, <see cref="Bad"/>
    /// for one outside of the file.</returns>
    /// <exception cref="DiskFormatException">The directory lies outside of the file.</exception>
    public static async ValueTask<long[]> ReadAsync(
        BlockDevice file, long sector, long count, CancellationToken cancellationToken)
    {
        CheckPlace(file, sector, count, sizeof(uint));
        long[] tables = new long[count];
        byte[] piece = new byte[Math.Min(PieceLength, count * sizeof(uint))];
        for (long index = 0; index < count;)
        {
            int some = (int)Math.Min(piece.Length / sizeof(uint), count - index);
            await file.ReadAsync(
                (sector * SectorSize) + (index * sizeof(uint)),
                piece.AsMemory(0, some * sizeof(uint)),
                cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < some; i++, index++)
            {
                long place = SectorSize * (long)BinaryPrimitives
                    .ReadUInt32LittleEndian(piece.AsSpan(i * sizeof(uint)));
                tables[index] = place < file.Length ? place : Bad;
            }
        }

        return tables;
    }

    /// <summary>Fails unless a directory lies within its file.</summary>
    public static void CheckPlace(BlockDevice file, long sector, long count, int entrySize)
    {
        if (sector < 1 || sector > file.Length / SectorSize
            || (sector * SectorSize) + (count * entrySize) > file.Length)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's grain directory of {count} entries at sector {sector} does not lie "
                + $"within the {file.Length} bytes of its file.");
        }
    }
}
