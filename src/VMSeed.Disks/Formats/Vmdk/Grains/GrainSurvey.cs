using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Grains;

// Walks all tables of an extent, both copies beside each other. The first copy counts where what it
// says is possible: a place within the file, behind the tables, in step with the other grains, and
// nobody else's. Else the second counts, under the same conditions. The copy that does not count is
// made like the other by a repair; where neither is possible, the grain is lost, and stays so.

/// <summary>Holds the grains of a sparse extent against its file and against each other.</summary>
/// <param name="file">The extent's file.</param>
/// <param name="pages">Its tables' pages.</param>
/// <param name="tables">Its tables.</param>
/// <param name="shape">How it is cut.</param>
internal sealed class GrainSurvey(
    BlockDevice file, TablePages pages, GrainTables tables, GrainShape shape)
{
    private readonly SlotSet _slots = new();
    private CheckTally _tally = new();
    private bool _repair;

    /// <summary>The header of a hosted extent; null for one of ESX, whose grains may begin at any
    /// sector.</summary>
    public SparseHeader? Header { get; init; }

    /// <summary>Grains that neither copy can name.</summary>
    public long Lost { get; private set; }

    /// <summary>The first byte behind everything that is in use.</summary>
    public long End { get; private set; }

    private long Overhead => Math.Max(1, Header?.Overhead ?? 1) * SectorSize;

    private int SlotSize => Header is null ? SectorSize : shape.GrainSize;

    private long Phase => Overhead % SlotSize;

    /// <summary>Walks.</summary>
    /// <param name="tally">Hears of faults.</param>
    /// <param name="repair">Whether to change the copy that is wrong; the caller commits.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public async ValueTask RunAsync(
        CheckTally tally, bool repair, CancellationToken cancellationToken)
    {
        (_tally, _repair, End) = (tally, repair, Overhead);
        ClaimTables();
        for (int table = 0; table < tables.First.Length; table++)
        {
            if (tables.First[table] == GrainDirectory.Bad)
            {
                tally.Error($"Table {table} lies outside of the file.");
            }

            for (int index = 0; index < shape.EntriesPerTable; index++)
            {
                await LookAsync(table, index, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Counts the grains of the file that nothing names and that occupy it. What was let
    /// go and is a hole since costs nothing, and is none of them.</summary>
    public async ValueTask<long> CountLeaksAsync(CancellationToken cancellationToken)
    {
        long leaks = 0;
        long first = (Overhead - Phase) / SlotSize;
        for (long slot = first; Header is not null && Place(slot) < file.Length; slot++)
        {
            if (_slots.Contains(slot))
            {
                continue;
            }

            long length = Math.Min(SlotSize, file.Length - Place(slot));
            Extent extent = await file.MapAsync(Place(slot), length, cancellationToken)
                .ConfigureAwait(false);
            leaks += extent.Kind == ExtentKind.Zero && extent.Length == length ? 0 : 1;
        }

        return leaks;
    }

    private long Place(long slot) => (slot * SlotSize) + Phase;

    // Tables behind the first grains are those of a disk that has grown.
    private void ClaimTables()
    {
        long tableSize = FileTail.Align(shape.EntriesPerTable * sizeof(uint), SectorSize);
        ClaimRange((Header?.Directory ?? 0) * SectorSize, tables.First.Length * sizeof(uint));
        Array.ForEach(tables.First, place => ClaimRange(place, tableSize));
        if (tables.Second is not null)
        {
            ClaimRange(
                (Header?.RedundantDirectory ?? 0) * SectorSize,
                tables.Second.Length * sizeof(uint));
            Array.ForEach(tables.Second, place => ClaimRange(place, tableSize));
        }
    }

    private void ClaimRange(long offset, long length)
    {
        if (offset < Overhead)
        {
            return;
        }

        End = Math.Max(End, offset + length);
        long last = (offset + length - 1 - Phase) / SlotSize;
        for (long slot = (offset - Phase) / SlotSize; slot <= last; slot++)
        {
            _slots.Add(slot);
        }
    }

    private async ValueTask LookAsync(int table, int index, CancellationToken cancellationToken)
    {
        long one = tables.First[table];
        uint first = await GrainTables.ReadAsync(pages, one, index, cancellationToken)
            .ConfigureAwait(false);
        if (tables.Second is null)
        {
            if (one == GrainDirectory.Bad || !Claim(first))
            {
                Lose(table, index, first);
            }

            return;
        }

        long two = tables.Second[table];
        uint second = await GrainTables.ReadAsync(pages, two, index, cancellationToken)
            .ConfigureAwait(false);
        if (one != GrainDirectory.Bad && Claim(first))
        {
            await LevelAsync(two, table, index, second, first, cancellationToken)
                .ConfigureAwait(false);
        }
        else if (two != GrainDirectory.Bad && Claim(second))
        {
            await LevelAsync(one, table, index, first, second, cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            Lose(table, index, first);
        }
    }

    private async ValueTask LevelAsync(
        long table,
        int number,
        int index,
        uint wrong,
        uint right,
        CancellationToken cancellationToken)
    {
        if (wrong == right || table <= 0)
        {
            return;
        }

        _tally.Error(
            $"The copies of entry {index} of table {number} differ: {wrong} is to be {right}.");
        if (_repair)
        {
            await GrainTables.WriteAsync(pages, table, index, right, cancellationToken)
                .ConfigureAwait(false);
            _tally.Repaired++;
        }
    }

    private void Lose(int table, int index, uint entry)
    {
        Lost++;
        _tally.Error(
            $"Entry {index} of table {table} names sector {entry}, where no grain of its own can "
            + $"be within the {file.Length} bytes of the file.");
    }

    private bool Claim(uint entry)
    {
        if (entry == 0 || (entry == 1 && shape.HasZeroGrains))
        {
            return true;
        }

        long place = entry * (long)SectorSize;
        if (place < Overhead || place >= file.Length
            || place % SlotSize != Phase
            || !_slots.Add((place - Phase) / SlotSize))
        {
            return false;
        }

        End = Math.Max(End, place + shape.GrainSize);
        _tally.AllocatedBytes += shape.GrainSize;
        return true;
    }
}
