using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>Walks the whole table.</summary>
internal static class VhdxSurvey
{
    // 8,192 entries a read: 1 TiB of 2 MiB blocks is 64 reads.
    private const int Piece = 64 << 10;

    /// <summary>What is in use, for a writer to find places beside it.</summary>
    /// <exception cref="DiskFormatException">Two things claim one place, or a place is not in the
    /// file: a write would destroy what is left.</exception>
    public static async ValueTask<UsedSpace> TakeStockAsync(
        BlockDevice file, VhdxContents contents, CancellationToken cancellationToken)
    {
        UsedSpace used = Begin(file, contents, contents.Geometry.Bat);
        await WalkAsync(
            file,
            contents.Geometry,
            (index, isBitmap, entry) =>
            {
                long length = isBitmap ? BitmapBlockLength : contents.Geometry.BlockSize;
                if (entry.HasPlace && !used.TryTake(entry.Offset, length))
                {
                    throw DiskFormatException.Corrupt(
                        $"Entry {index} of the VHDX's table has {length} bytes at {entry.Offset}, "
                        + "where something else lies or the file has ended; it can only be read.");
                }
            },
            progress: null,
            cancellationToken).ConfigureAwait(false);
        return used;
    }

    /// <summary>Everything but blocks.</summary>
    /// <param name="file">The file.</param>
    /// <param name="contents">What it said of itself when it was opened.</param>
    /// <param name="bat">Where the table lies now; it may have moved since.</param>
    public static UsedSpace Begin(BlockDevice file, VhdxContents contents, VhdxRegion bat)
    {
        var used = new UsedSpace(file.Length);
        used.TryTake(0, HeaderSectionLength);
        foreach (VhdxRegion region in contents.Regions.All.Append(contents.Log))
        {
            used.TryTake(region.Offset, Math.Max(region.Length, 1));
        }

        if (bat.Offset != contents.Regions.Bat.Offset)
        {
            used.TryTake(bat.Offset, bat.Length);
        }

        return used;
    }

    /// <summary>Hands over every entry that the disk has.</summary>
    /// <param name="file">The file.</param>
    /// <param name="geometry">Where the table lies.</param>
    /// <param name="visit">Gets an entry's index, whether it is a bitmap's, and the entry.</param>
    /// <param name="progress">Hears the share that is done.</param>
    /// <param name="cancellationToken">Gives the walk up.</param>
    public static async ValueTask WalkAsync(
        BlockDevice file,
        VhdxGeometry geometry,
        Action<long, bool, BatEntry> visit,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Piece];
        long count = geometry.EntryCount;
        for (long first = 0; first < count; first += Piece / BatEntry.Size)
        {
            int some = (int)Math.Min(count - first, Piece / BatEntry.Size);
            await file.ReadAsync(
                geometry.Bat.Offset + (first * BatEntry.Size),
                bytes.AsMemory(0, some * BatEntry.Size),
                cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < some; i++)
            {
                long index = first + i;
                ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(
                    bytes.AsSpan(i * BatEntry.Size));
                visit(
                    index,
                    index % (geometry.ChunkRatio + 1) == geometry.ChunkRatio,
                    new BatEntry(entry));
            }

            progress?.Report((double)(first + some) / count);
        }
    }
}
