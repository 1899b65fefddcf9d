using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

// All sparse shapes of VMDK are two levels of tables: a directory, which is short and held in
// memory, and tables of grains, which are pages of the file. They differ in what an entry says.

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

    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        long[] directory = Directory;
        long table = offset / Shape.Coverage;
        long place = directory[table];
        if (place <= 0)
        {
            return place == 0
                ? new(Run.Parent(ReachOfNothing(directory, table, offset, length)))
                : MapSpareAsync(offset, length, cancellationToken);
        }

        int index = (int)(offset % Shape.Coverage / Shape.GrainSize);
        long at = place + ((long)index * _entrySize);
        ValueTask<TablePage> look = Tables.GetAsync(at, cancellationToken);
        if (!look.IsCompletedSuccessfully)
        {
            return WaitAsync(look, at, index, offset, length, cancellationToken);
        }

        Run run = Walk(Entries(look.Result, at, index), offset, length);
        return run.Length > 0 ? new(run) : MapSpareAsync(offset, length, cancellationToken);
    }

    /// <summary>What the first entries of a part of a table say of an offset that lies in the first
    /// of them.</summary>
    /// <returns>A run of no length when the first entry names a place where no grain can
    /// be.</returns>
    protected abstract Run Walk(ReadOnlySpan<byte> entries, long offset, long length);

    /// <summary>What lies at an offset whose table or entry is bad.</summary>
    protected virtual ValueTask<Run> MapSpareAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        throw DiskFormatException.Corrupt(
            $"The VMDK's tables point outside of the {File.Length} bytes of their file, for the "
            + $"grain at {Start + offset}.");

    /// <summary>How far entries of zeros reach.</summary>
    protected long ReachOfZeros(ReadOnlySpan<byte> entries, long offset, long length)
    {
        int end = entries.IndexOfAnyExcept((byte)0);
        int count = (end < 0 ? entries.Length : end) / _entrySize;
        return Math.Min(length, ((long)count * Shape.GrainSize) - (offset % Shape.GrainSize));
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

    // Up to the end of the table or of the page, whatever comes first.
    private ReadOnlySpan<byte> Entries(TablePage page, long at, int index)
    {
        int first = (int)(at - page.Offset);
        int count = Math.Min(
            TablePage.Size - first, (Shape.EntriesPerTable - index) * _entrySize);
        return page.Bytes.AsSpan(first, count);
    }

    private async ValueTask<Run> WaitAsync(
        ValueTask<TablePage> look,
        long at,
        int index,
        long offset,
        long length,
        CancellationToken cancellationToken)
    {
        TablePage page = await look.ConfigureAwait(false);
        Run run = Walk(Entries(page, at, index), offset, length);
        return run.Length > 0
            ? run
            : await MapSpareAsync(offset, length, cancellationToken).ConfigureAwait(false);
    }
}
