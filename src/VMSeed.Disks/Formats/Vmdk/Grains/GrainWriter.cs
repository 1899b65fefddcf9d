using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

// The order of a commit is the one of WritableMap: data, then both copies of the entries (rank 0),
// then, for tables that were not there, the directories (rank 1). The two copies need no flush
// between them: what either names is safe before, so any mixture of old and new entries is a good
// image, and the next opening levels it, since the unclean flag is set before the first change.
//
// A clean image's next grain goes to the end of its file; an unclean one's behind the last grain
// that its tables name, after they have been walked once.

/// <summary>Changes a hosted sparse extent.</summary>
internal sealed class GrainWriter
{
    private const int EntryRank = 0;
    private const int DirectoryRank = 1;

    private readonly BlockDevice _file;
    private readonly TablePages _pages;
    private readonly GrainShape _shape;
    private readonly SpaceRecycler _space;
    private readonly bool _hasParent;
    private SparseHeader _header;
    private GrainTables _tables;
    private FileTail? _tail;
    private bool _isBroken;

    /// <summary>A writer of an opened extent.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="pages">Its tables' pages.</param>
    /// <param name="tables">Its tables; ones that are made are noted here.</param>
    /// <param name="shape">How it is cut.</param>
    /// <param name="epochs">What the disk's transfers enter.</param>
    /// <param name="hasParent">Whether grains that are not there are a parent's.</param>
    public GrainWriter(
        BlockDevice file,
        SparseHeader header,
        TablePages pages,
        GrainTables tables,
        GrainShape shape,
        TransferEpochs epochs,
        bool hasParent)
    {
        (_file, _header, _pages, _tables, _shape) = (file, header, pages, tables, shape);
        (_space, _hasParent) = (new SpaceRecycler(epochs), hasParent);
    }

    private int GrainSize => _shape.GrainSize;

    private long Phase => _header.Overhead * SectorSize % GrainSize;

    /// <summary>Levels the tables of an extent that was not closed, whether anything is about to be
    /// allocated in it or not: the session's end is to leave a disk whose every part is
    /// closed.</summary>
    public async ValueTask MendAsync(CancellationToken cancellationToken)
    {
        if (_header.IsUnclean)
        {
            await BeginAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask<Place> TakeAsync(long grain, CancellationToken cancellationToken)
    {
        FileTail tail = await BeginAsync(cancellationToken).ConfigureAwait(false);
        uint entry = await ReadAsync(grain, cancellationToken).ConfigureAwait(false);
        if (IsPlace(entry))
        {
            // The last grain of the file, cut short: it gets its whole length.
            long there = entry * (long)SectorSize;
            if (_file.Length < there + GrainSize)
            {
                await _file.SetLengthAsync(there + GrainSize, cancellationToken)
                    .ConfigureAwait(false);
            }

            return new Place(_file, there, IsNew: false, IsZero: false);
        }

        if (_space.TryTake(out long used))
        {
            return new Place(_file, used, IsNew: true, IsZero: false);
        }

        if ((tail.End / SectorSize) + (2 * _header.GrainSectors) > uint.MaxValue)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The VMDK's extent has {tail.End} bytes; its entries end at 2 TiB.");
        }

        long fresh = await tail.TakeAsync(GrainSize, GrainSize, cancellationToken, Phase)
            .ConfigureAwait(false);
        return new Place(_file, fresh, IsNew: true, IsZero: true);
    }

    public ValueTask AdoptAsync(long grain, Place place, CancellationToken cancellationToken) =>
        WriteAsync(grain, (uint)(place.Offset / SectorSize), cancellationToken);

    public void GiveBack(Place place) => _space.GiveBack(place.Offset);

    public async ValueTask<bool> ClearAsync(long grain, CancellationToken cancellationToken)
    {
        if (_hasParent && !_shape.HasZeroGrains)
        {
            return false;
        }

        await BeginAsync(cancellationToken).ConfigureAwait(false);
        uint entry = await ReadAsync(grain, cancellationToken).ConfigureAwait(false);
        uint zero = _hasParent ? 1U : 0U;
        if (entry != zero)
        {
            await WriteAsync(grain, zero, cancellationToken).ConfigureAwait(false);
        }

        if (IsPlace(entry))
        {
            _space.Release(entry * (long)SectorSize);
        }

        return true;
    }

    public async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        if (_tail is not null)
        {
            await _tail.TrimAsync(cancellationToken).ConfigureAwait(false);
        }

        await _pages.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        _space.Committed();
    }

    /// <summary>Makes the extent longer: its tables move behind its grains, where they have
    /// room.</summary>
    /// <returns>The tables.</returns>
    public async ValueTask<GrainTables> GrowAsync(
        long capacity, CancellationToken cancellationToken)
    {
        FileTail tail = await BeginAsync(cancellationToken).ConfigureAwait(false);
        await ClearEndAsync(cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        SparseHeader header = _header with { Capacity = capacity, IsUnclean = true };
        GrainTables tables = _tables;
        if (header.TableCount > tables.First.Length)
        {
            (header, tables) = await TableMove
                .RunAsync(_file, _pages, tail, header, tables, cancellationToken)
                .ConfigureAwait(false);
        }

        // One sector says where the tables are and how far they reach.
        await _file.WriteAsync(0, header.ToBytes(), cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        (_header, _tables) = (header, tables);
        return tables;
    }

    /// <summary>Gives back what is free, and takes the unclean flag away.</summary>
    public async ValueTask EndAsync()
    {
        if (_tail is null)
        {
            return;
        }

        await GiveFreeSpaceBackAsync(_tail.End).ConfigureAwait(false);
        await _file.FlushAsync().ConfigureAwait(false);
        if (!_isBroken)
        {
            _header = _header with { IsUnclean = false };
            await _file.WriteAsync(0, _header.ToBytes()).ConfigureAwait(false);
            await _file.FlushAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask CheckAsync(
        CheckTally tally, bool repair, CancellationToken cancellationToken)
    {
        GrainSurvey survey = Survey();
        await survey.RunAsync(tally, repair, cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        long leaked = await survey.CountLeaksAsync(cancellationToken).ConfigureAwait(false)
            - _space.Count;
        if (leaked > 0)
        {
            tally.Leak($"{leaked} grains of {GrainSize} bytes are named by no table.");
        }

        if (repair && _tail is null)
        {
            // The flag goes with the end of the session.
            _isBroken = survey.Lost > 0;
            await MarkAsync(cancellationToken).ConfigureAwait(false);
            _tail = new FileTail(
                _file, survey.Lost > 0 ? Math.Max(_file.Length, survey.End) : survey.End);
            await _tail.TrimAsync(cancellationToken).ConfigureAwait(false);
            bool isMended = leaked > 0
                && await survey.CountLeaksAsync(cancellationToken).ConfigureAwait(false) == 0;
            tally.Repaired += isMended ? 1 : 0;
        }
    }

    private bool IsPlace(uint entry) => entry > (_shape.HasZeroGrains ? 1U : 0U);

    private GrainSurvey Survey() => new(_file, _pages, _tables, _shape) { Header = _header };

    private async ValueTask<FileTail> BeginAsync(CancellationToken cancellationToken)
    {
        if (_tail is not null)
        {
            return _tail;
        }

        long end = FileTail.Align(_file.Length - Phase, GrainSize) + Phase;
        if (_header.IsUnclean)
        {
            GrainSurvey survey = Survey();
            await survey.RunAsync(new CheckTally(), repair: true, cancellationToken)
                .ConfigureAwait(false);
            await _pages.WriteBackAsync(cancellationToken).ConfigureAwait(false);
            _isBroken = survey.Lost > 0;
            end = _isBroken ? end : survey.End;
        }

        await MarkAsync(cancellationToken).ConfigureAwait(false);
        _tail = new FileTail(_file, end);
        return _tail;
    }

    private async ValueTask MarkAsync(CancellationToken cancellationToken)
    {
        _header = _header with { IsUnclean = true };
        await _file.WriteAsync(0, _header.ToBytes(), cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    // Bytes behind the disk's old end, in its last grain, are about to be the disk's.
    private async ValueTask ClearEndAsync(CancellationToken cancellationToken)
    {
        long length = _header.Capacity * SectorSize;
        long within = length % GrainSize;
        uint entry = within == 0
            ? 0
            : await ReadAsync(length / GrainSize, cancellationToken).ConfigureAwait(false);
        long from = (entry * (long)SectorSize) + within;
        if (IsPlace(entry) && from < _file.Length)
        {
            await _file.ZeroAsync(
                from, Math.Min(GrainSize - within, _file.Length - from), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask GiveFreeSpaceBackAsync(long end)
    {
        // Twice, for what was let go before the last commit and what was before that one.
        _space.Committed();
        _space.Committed();
        List<long> free = [];
        while (_space.TryTake(out long offset))
        {
            free.Add(offset);
        }

        foreach (long offset in free.OrderDescending())
        {
            if (offset + GrainSize == end)
            {
                end = offset;
                continue;
            }

            await _file.ZeroAsync(offset, GrainSize).ConfigureAwait(false);
        }

        if (_file.Length != end)
        {
            await _file.SetLengthAsync(end).ConfigureAwait(false);
        }
    }

    private async ValueTask<uint> ReadAsync(long grain, CancellationToken cancellationToken)
    {
        (long table, long index) = Math.DivRem(grain, _shape.EntriesPerTable);
        bool isSpare = _tables.First[table] == GrainDirectory.Bad;
        long place = isSpare ? _tables.Second?[table] ?? 0 : _tables.First[table];
        return await GrainTables.ReadAsync(_pages, place, index, cancellationToken)
            .ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(
        long grain, uint entry, CancellationToken cancellationToken)
    {
        (long table, long index) = Math.DivRem(grain, _shape.EntriesPerTable);
        if (entry > 0)
        {
            await EnsureTableAsync(_tables.First, _header.Directory, table, cancellationToken)
                .ConfigureAwait(false);
            await EnsureTableAsync(
                _tables.Second, _header.RedundantDirectory, table, cancellationToken)
                .ConfigureAwait(false);
        }

        await GrainTables
            .WriteAsync(_pages, _tables.First[table], index, entry, cancellationToken)
            .ConfigureAwait(false);
        await GrainTables
            .WriteAsync(_pages, _tables.Second?[table] ?? 0, index, entry, cancellationToken)
            .ConfigureAwait(false);
    }

    // Hosted images have all tables from the beginning; others may leave them out.
    private async ValueTask EnsureTableAsync(
        long[]? directory, long sector, long table, CancellationToken cancellationToken)
    {
        if (directory is null || directory[table] != 0)
        {
            return;
        }

        byte[] empty = new byte[FileTail.Align(
            _shape.EntriesPerTable * sizeof(uint), SectorSize)];
        long place = await _tail!.TakeAsync(empty.Length, SectorSize, cancellationToken)
            .ConfigureAwait(false);
        await _pages.WriteAsync(place, empty, EntryRank, cancellationToken).ConfigureAwait(false);
        await _pages.WriteAsync(
            (sector * SectorSize) + (table * sizeof(uint)),
            BitConverter.GetBytes((uint)(place / SectorSize)),
            DirectoryRank,
            cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref directory[table], place);
    }
}
