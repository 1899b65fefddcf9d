using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

/// <summary>Makes directories with more tables, behind everything that an extent has: its old
/// tables stay where they are, and nothing names the new ones before the header does.</summary>
internal static class TableMove
{
    /// <summary>A page of the table cache: so that no page of old tables has a sector of the new
    /// ones.</summary>
    private const int Alignment = TablePage.Size;

    /// <summary>Writes them, and makes them durable.</summary>
    /// <param name="file">The extent's file.</param>
    /// <param name="pages">Its tables' pages.</param>
    /// <param name="tail">The file's end.</param>
    /// <param name="header">The header with the new capacity.</param>
    /// <param name="tables">The tables that there are.</param>
    /// <param name="cancellationToken">Gives the work up; the space is then lost.</param>
    /// <returns>The header that names the new directories, and all tables.</returns>
    public static async ValueTask<(SparseHeader Header, GrainTables Tables)> RunAsync(
        BlockDevice file,
        TablePages pages,
        FileTail tail,
        SparseHeader header,
        GrainTables tables,
        CancellationToken cancellationToken)
    {
        if (header.TableCount > GreatestTableCount)
        {
            throw DiskFormatException.Unsupported(
                $"A VMDK of {header.Capacity} sectors needs {header.TableCount} tables; at most "
                + $"{GreatestTableCount} are possible.");
        }

        (long place, long[] first) = await WriteAsync(
            file, pages, tail, header, tables.First, cancellationToken).ConfigureAwait(false);
        header = header with { Directory = place / SectorSize };
        long[]? second = null;
        if (tables.Second is not null)
        {
            (place, second) = await WriteAsync(
                file, pages, tail, header, tables.Second, cancellationToken).ConfigureAwait(false);
            header = header with { RedundantDirectory = place / SectorSize };
        }

        await tail.TrimAsync(cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        return (header, new GrainTables(first, second));
    }

    private static async ValueTask<(long Place, long[] Tables)> WriteAsync(
        BlockDevice file,
        TablePages pages,
        FileTail tail,
        SparseHeader header,
        long[] old,
        CancellationToken cancellationToken)
    {
        if (old.Contains(GrainDirectory.Bad))
        {
            throw DiskFormatException.Corrupt(
                "A table of the VMDK lies outside of its file; a disk with lost tables cannot "
                + "grow.");
        }

        long[] tables = new long[header.TableCount];
        old.CopyTo(tables, 0);
        long size = FileTail.Align(header.EntriesPerTable * sizeof(uint), SectorSize);
        long directory = FileTail.Align(tables.Length * sizeof(uint), SectorSize);
        long total = FileTail.Align(directory + ((tables.Length - old.Length) * size), Alignment);
        if ((tail.End + total + Alignment) / SectorSize > uint.MaxValue)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The VMDK's extent has {tail.End} bytes; its entries end at 2 TiB.");
        }

        long place = await tail.TakeAsync(total, Alignment, cancellationToken)
            .ConfigureAwait(false);
        pages.Forget(place, total);
        for (int table = old.Length; table < tables.Length; table++)
        {
            tables[table] = place + directory + ((table - old.Length) * size);
        }

        byte[] bytes = new byte[directory];
        for (int table = 0; table < tables.Length; table++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(table * sizeof(uint)),
                tables[table] > 0 ? (uint)(tables[table] / SectorSize) : 0);
        }

        await file.WriteAsync(place, bytes, cancellationToken).ConfigureAwait(false);
        return (place, tables);
    }
}
