using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhd.Checking;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// How an image becomes larger, a flush after each step:
//   1. The last block's bytes behind the old end become zeros; new entries of the table say that
//      their blocks have no storage. Where blocks stand in the table's way, all of it is written
//      once more behind them.
//   2. One sector of the header says where the table is, and how many entries it has.
//   3. The copy of the footer says the new size: from here on the image is larger.
//   4. The footer at the end says so too.
// A crash between 2 and 3 leaves a table that is larger than it need be; between 3 and 4, two
// footers of which the copy is believed, by us as by QEMU.

/// <summary>Makes the disk in a dynamic VHD larger.</summary>
internal sealed class VhdGrowth(
    BlockDevice file, TablePages tables, VhdTable table, VhdSpace space)
{
    private const int Rank = 0;

    /// <summary>Refuses sizes that an image cannot take.</summary>
    public static void Check(VhdParts parts, long length)
    {
        if (parts.IsDifferencing)
        {
            throw new NotSupportedException(
                "A differencing VHD has the size of its parent; it cannot change.");
        }

        if (length < parts.Footer.DiskSize)
        {
            throw new NotSupportedException(
                $"A VHD of {parts.Footer.DiskSize} bytes cannot shrink to {length} in place; "
                + "convert it.");
        }

        if (length % SectorSize != 0)
        {
            throw new NotSupportedException(
                $"A VHD has whole sectors of {SectorSize} bytes; {length} bytes are none.");
        }

        if (length > GreatestSize)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"A VHD of {length} bytes is asked for; {GreatestSize} is the most.");
        }
    }

    /// <summary>Grows the disk, durably.</summary>
    /// <returns>The structures as they are then.</returns>
    public async ValueTask<VhdParts> GrowAsync(
        VhdParts parts, long length, CancellationToken cancellationToken)
    {
        VhdHeader header = parts.Header!;
        long count = FileTail.Align(length, header.BlockSize) / header.BlockSize;
        await ClearLastBlockAsync(parts.Footer.DiskSize, cancellationToken).ConfigureAwait(false);
        if (count > header.EntryCount)
        {
            header = await GrowTableAsync(parts, count, cancellationToken).ConfigureAwait(false);
        }

        VhdFooter footer = parts.Footer.WithSize(length);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        await file.WriteAsync(0, footer.Bytes, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        await space.EndWithAsync(footer, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        return parts with { Footer = footer, Header = header };
    }

    // Other programs may have left anything behind the end.
    private async ValueTask ClearLastBlockAsync(long length, CancellationToken cancellationToken)
    {
        int used = (int)(length % table.BlockSize);
        if (used > 0
            && await table.FindAsync(length / table.BlockSize, cancellationToken)
                .ConfigureAwait(false) is { } offset)
        {
            await file.ZeroAsync(offset + used, table.BlockSize - used, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask<VhdHeader> GrowTableAsync(
        VhdParts parts, long count, CancellationToken cancellationToken)
    {
        VhdHeader header = parts.Header!;
        long old = header.EntryCount * sizeof(uint);
        long room = await RoomAsync(parts, cancellationToken).ConfigureAwait(false);
        long length = FileTail.Align(count * sizeof(uint), SectorSize);
        long offset = header.TableOffset;
        if (length > room)
        {
            offset = await space.TakeTableAsync(length, cancellationToken).ConfigureAwait(false);
            await CopyAsync(header.TableOffset, offset, old, cancellationToken)
                .ConfigureAwait(false);
        }

        await FillAsync(offset + old, offset + length, cancellationToken).ConfigureAwait(false);
        await space.TrimAsync(cancellationToken).ConfigureAwait(false);
        await tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);

        header = header.WithTable(offset, count);
        await file.WriteAsync(
            parts.Footer.HeaderOffset, header.Bytes[..SectorSize], cancellationToken)
            .ConfigureAwait(false);
        table.Offset = offset;
        return header;
    }

    // Up to what lies behind the table.
    private async ValueTask<long> RoomAsync(VhdParts parts, CancellationToken cancellationToken)
    {
        long table = parts.Header!.TableOffset;
        List<VhdArea> areas = await VhdSurvey
            .AreasAsync(file, parts.Footer, parts.Header, tables, cancellationToken)
            .ConfigureAwait(false);
        return areas.Where(area => area.Offset > table)
            .Select(area => area.Offset - table)
            .DefaultIfEmpty(VhdSurvey.End(areas) - table)
            .First();
    }

    private async ValueTask CopyAsync(
        long from, long to, long length, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length;)
        {
            TablePage page = await tables.GetAsync(from + done, cancellationToken)
                .ConfigureAwait(false);
            int at = (int)(from + done - page.Offset);
            int count = (int)Math.Min(TablePage.Size - at, length - done);
            await tables.WriteAsync(
                to + done, page.Bytes.AsMemory(at, count), Rank, cancellationToken)
                .ConfigureAwait(false);
            done += count;
        }
    }

    private async ValueTask FillAsync(long from, long end, CancellationToken cancellationToken)
    {
        byte[] absent = new byte[TablePage.Size];
        Array.Fill(absent, (byte)0xFF);
        while (from < end)
        {
            int count = (int)Math.Min(absent.Length, end - from);
            await tables.WriteAsync(from, absent.AsMemory(0, count), Rank, cancellationToken)
                .ConfigureAwait(false);
            from += count;
        }
    }
}
