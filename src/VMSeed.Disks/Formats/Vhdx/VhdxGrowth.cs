using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Formats.Vhdx.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Makes a disk longer.</summary>
/// <param name="file">The file.</param>
/// <param name="tables">Its tables.</param>
/// <param name="lookup">What finds by them.</param>
/// <param name="session">What writes.</param>
/// <param name="isFixed">Whether new blocks get their places at once.</param>
/// <remarks>Called under the disk's gate. The size is the last thing that changes: a crash before
/// leaves the disk as it was.</remarks>
internal sealed class VhdxGrowth(
    BlockDevice file,
    TablePages tables,
    VhdxLookup lookup,
    VhdxSession session,
    bool isFixed)
{
    private const int EntryRank = 1;
    private const int SizeRank = 2;

    // As much of a table as is moved at once.
    private const int Piece = 1 << 20;

    /// <summary>Grows the disk.</summary>
    /// <param name="length">Its new size in bytes.</param>
    /// <param name="parentLength">The parent's; 0 without one.</param>
    /// <param name="sizeOffset">Where the file has the size.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <exception cref="NotSupportedException">The disk would become shorter, or the parent's bytes
    /// would show where zeros must be.</exception>
    public async ValueTask RunAsync(
        long length, long parentLength, long sizeOffset, CancellationToken cancellationToken)
    {
        VhdxGeometry before = lookup.Geometry;
        if (length == before.DiskSize)
        {
            return;
        }

        Check(before, length, parentLength);
        await session.CommitAsync(tables, cancellationToken).ConfigureAwait(false);
        await ZeroEndAsync(before, cancellationToken).ConfigureAwait(false);
        VhdxGeometry after = before with { DiskSize = length };
        if (after.EntryCount * BatEntry.Size > before.Bat.Length)
        {
            await MoveTableAsync(before, after.EntryCount, cancellationToken)
                .ConfigureAwait(false);
            after = after with { Bat = lookup.Geometry.Bat };
        }

        await ClearEntriesAsync(before, after, cancellationToken).ConfigureAwait(false);
        if (isFixed)
        {
            await FillAsync(before, after, cancellationToken).ConfigureAwait(false);
        }

        byte[] size = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, length);
        await tables.WriteAsync(sizeOffset, size, SizeRank, cancellationToken)
            .ConfigureAwait(false);
        await session.CommitAsync(tables, CancellationToken.None).ConfigureAwait(false);
        lookup.Geometry = after;
    }

    private static void Check(VhdxGeometry before, long length, long parentLength)
    {
        if (length < before.DiskSize)
        {
            throw new NotSupportedException(
                $"A VHDX of {before.DiskSize} bytes cannot be made {length} bytes short.");
        }

        if (parentLength > before.DiskSize)
        {
            throw new NotSupportedException(
                $"The VHDX of {before.DiskSize} bytes lies over a disk of {parentLength}, whose "
                + "bytes would show in a larger one.");
        }

        if (length > GreatestDiskSize)
        {
            throw new DiskFormatException(
                DiskFault.Full, $"A VHDX cannot have {length} bytes; {GreatestDiskSize} is the "
                + "most.");
        }

        if (length % before.SectorSize != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length),
                $"{length} bytes are no whole sectors of {before.SectorSize} bytes.");
        }
    }

    // What lies past the disk's end in its last block may be anything.
    private async ValueTask ZeroEndAsync(
        VhdxGeometry before, CancellationToken cancellationToken)
    {
        int inside = (int)(before.DiskSize % before.BlockSize);
        if (inside == 0)
        {
            return;
        }

        BatEntry last = await lookup.EntryAsync(
            before.EntryOffset(before.DiskSize / before.BlockSize), cancellationToken)
            .ConfigureAwait(false);
        if (last.HasPlace)
        {
            await file.ZeroAsync(
                last.Offset + inside, before.BlockSize - inside, cancellationToken)
                .ConfigureAwait(false);
            session.MustFlushBlocks();
        }
    }

    // Entries past the last may be anything too. Zeros, which most are, need no writing.
    private async ValueTask ClearEntriesAsync(
        VhdxGeometry before, VhdxGeometry after, CancellationToken cancellationToken)
    {
        byte[] none = new byte[BatEntry.Size];
        for (long block = before.BlockCount; block < after.BlockCount; block++)
        {
            await ClearAsync(after.EntryOffset(block)).ConfigureAwait(false);
        }

        for (long chunk = before.ChunkCount;
            after.HasParent && chunk < after.ChunkCount;
            chunk++)
        {
            await ClearAsync(after.BitmapEntryOffset(chunk)).ConfigureAwait(false);
        }

        async ValueTask ClearAsync(long at)
        {
            BatEntry entry = await lookup.EntryAsync(at, cancellationToken).ConfigureAwait(false);
            if (entry.Value != 0)
            {
                await tables.WriteAsync(at, none, EntryRank, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    private async ValueTask FillAsync(
        VhdxGeometry before, VhdxGeometry after, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[BatEntry.Size];
        long count = after.BlockCount - before.BlockCount;
        if (count == 0)
        {
            return;
        }

        long offset = await session.Space
            .TakeFreshAsync(count * after.BlockSize, cancellationToken).ConfigureAwait(false);
        for (long block = before.BlockCount; block < after.BlockCount; block++)
        {
            var entry = new BatEntry(BlockState.Present, offset);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Value);
            await tables.WriteAsync(
                after.EntryOffset(block), bytes, EntryRank, cancellationToken)
                .ConfigureAwait(false);
            offset += after.BlockSize;
            if (tables.IsFull)
            {
                await session.CommitAsync(tables, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Into new space, which nothing names before the region tables do, which one entry of the log
    // replaces. The old table's place is free when the image is opened again, and not before:
    // look-ups may still be at it, and entries of the log be meant for it. From when the tables are
    // changed in memory the new place counts, even if the commit fails: a later one brings both.
    private async ValueTask MoveTableAsync(
        VhdxGeometry before, long entries, CancellationToken cancellationToken)
    {
        long length = FileTail.Align(entries * BatEntry.Size, MiB);
        long offset = await session.Space.TakeFreshAsync(length, cancellationToken)
            .ConfigureAwait(false);
        byte[] piece = new byte[Piece];
        for (long done = 0; done < before.Bat.Length; done += Piece)
        {
            await file.ReadAsync(before.Bat.Offset + done, piece, cancellationToken)
                .ConfigureAwait(false);
            await file.WriteAsync(offset + done, piece, cancellationToken).ConfigureAwait(false);
        }

        session.MustFlushBlocks();
        VhdxRegion bat = before.Bat with { Offset = offset, Length = length };
        session.Regions = [
            .. session.Regions.Select(region => region.Id == BatRegion ? bat : region),
        ];
        byte[] table = VhdxRegions.ToBytes(session.Regions);
        await tables.WriteAsync(
            FirstRegionTableOffset, table, SizeRank, CancellationToken.None).ConfigureAwait(false);
        await tables.WriteAsync(
            SecondRegionTableOffset, table, SizeRank, CancellationToken.None)
            .ConfigureAwait(false);
        lookup.Geometry = before with { Bat = bat };
        await session.CommitAsync(tables, CancellationToken.None).ConfigureAwait(false);
    }
}
