using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

// All sparse shapes of VMDK are two levels of tables: a directory, which is short and held in
// memory, and tables of grains, which are pages of the file. They differ in what an entry says.
//
// Most products make all tables in advance: of an empty disk of 1 TiB they are 64 MiB, which nobody
// has written, and which are a hole of the file. Whoever asks for the whole disk is answered by the
// hole; a page of zeros is loaded for those alone who read.

/// <summary>A part whose grains are found through tables.</summary>
internal abstract class TableExtent : VmdkExtent
{
    private readonly int _entrySize;
    private long[] _directory;

    /// <param name="start">Where on the disk it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="file">Where its tables and grains lie.</param>
    /// <param name="tables">The tables' pages.</param>
    /// <param name="directory">Where each table lies; 0 where there is none.</param>
    /// <param name="shape">How tables and grains are cut.</param>
    protected TableExtent(
        long start,
        long length,
        BlockDevice file,
        TablePages tables,
        long[] directory,
        GrainShape shape)
        : base(start, length)
    {
        (File, Tables, _directory, Shape) = (file, tables, directory, shape);
        _entrySize = shape.EntrySize;
    }

    protected BlockDevice File { get; }

    protected TablePages Tables { get; }

    protected GrainShape Shape { get; }

    protected long[] Directory
    {
        get => Volatile.Read(ref _directory);
        set => Volatile.Write(ref _directory, value);
    }

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        long[] directory = Directory;
        (long table, long index) = Shape.Find(offset);
        long place = directory[table];
        if (place < 0)
        {
            return TryMapSpare(offset, length, out run, out miss);
        }

        if (place == 0)
        {
            run = Run.Parent(ReachOfNothing(directory, table, offset, length));
            miss = default;
            return true;
        }

        long at = place + (index * _entrySize);
        if (!Tables.TryGet(at, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        run = Walk(Entries(page, at, (int)index), offset, length);
        return run.Length > 0 || TryMapSpare(offset, length, out run, out miss);
    }

    public override async ValueTask<Run?> MapWithoutAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        long[] directory = Directory;
        (long table, long index) = Shape.Find(offset);
        if (directory[table] <= 0 || length <= (long)Shape.GrainSize * TablePage.Size / _entrySize)
        {
            return null; // A page tells as much.
        }

        long at = index * _entrySize;
        long hole = await Tables.HoleAsync(
            directory[table] + at,
            LengthOfTables(directory, table, offset + length) - at,
            cancellationToken).ConfigureAwait(false);
        long reach = (hole / _entrySize * Shape.GrainSize) - Shape.Within(offset);
        return reach <= 0 ? null : Run.Parent(Math.Min(reach, length));
    }

    /// <summary>What the first entries of a part of a table say of an offset that lies in the first
    /// of them.</summary>
    /// <returns>A run of no length when the first entry names a place where no grain can
    /// be.</returns>
    protected abstract Run Walk(ReadOnlySpan<byte> entries, long offset, long length);

    /// <summary>What lies at an offset whose table or entry is bad.</summary>
    protected virtual bool TryMapSpare(
        long offset, long length, out Run run, out PageMiss miss) =>
        throw DiskFormatException.Corrupt(
            $"The VMDK's tables point outside of the {File.Length} bytes of their file, for the "
            + $"grain at {Start + offset}.");

    /// <summary>How far entries of zeros reach.</summary>
    protected long ReachOfZeros(ReadOnlySpan<byte> entries, long offset, long length)
    {
        int end = entries.IndexOfAnyExcept((byte)0);
        int count = (end < 0 ? entries.Length : end) / _entrySize;
        return Math.Min(length, ((long)count * Shape.GrainSize) - Shape.Within(offset));
    }

    private long ReachOfNothing(long[] directory, long table, long offset, long length)
    {
        long end = offset + length;
        long next = table + 1;
        while (next * Shape.Coverage < end && directory[next] == 0)
        {
            next++;
        }

        return Math.Min(end, next * Shape.Coverage) - offset;
    }

    // Bytes of the tables from one on, up to an offset of the disk, that lie one behind the other.
    private long LengthOfTables(long[] directory, long table, long end)
    {
        long length = (long)Shape.EntriesPerTable * _entrySize;
        long next = table + 1;
        while (next * Shape.Coverage < end && directory[next] == directory[next - 1] + length)
        {
            next++;
        }

        return (next - table) * length;
    }

    // Up to the end of the table or of the page, whatever comes first.
    private ReadOnlySpan<byte> Entries(TablePage page, long at, int index)
    {
        int first = (int)(at - page.Offset);
        int count = Math.Min(
            TablePage.Size - first, (Shape.EntriesPerTable - index) * _entrySize);
        return page.Bytes.AsSpan(first, count);
    }
}
