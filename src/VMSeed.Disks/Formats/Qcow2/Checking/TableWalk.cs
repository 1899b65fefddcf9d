using System.Buffers.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Snapshots;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

// Snapshots share tables: an L2 table, and every cluster that it names, is counted once for each L1
// entry that leads to it. So all L1 tables are walked first, and then each L2 table once, whatever
// the number of snapshots.

/// <summary>Finds all tables of an image, and counts the pointers to them.</summary>
internal sealed class TableWalk(CheckScope scope)
{
    private const ulong ReservedL1 = 0x7F00_0000_0000_01FF;

    private readonly Qcow2Header _header = scope.Files.Header;

    /// <summary>Walks everything but the L2 tables.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        scope.Point(0, 1, 1, "The header", isTable: true);
        await WalkL1Async(
            _header.L1Offset, _header.L1Size, 1, "The L1 table", cancellationToken)
            .ConfigureAwait(false);
        if (_header.SnapshotCount > 0)
        {
            await WalkSnapshotsAsync(cancellationToken).ConfigureAwait(false);
        }

        // Last, so that what overlaps is said of a block of refcounts: those can be written anew.
        long before = scope.BadPointers;
        await WalkCountsAsync(cancellationToken).ConfigureAwait(false);
        scope.CountFaults = scope.BadPointers - before;
    }

    private async ValueTask WalkSnapshotsAsync(CancellationToken cancellationToken)
    {
        Qcow2Snapshots snapshots = await Qcow2Snapshots
            .ReadAsync(scope.Files.File, _header, cancellationToken).ConfigureAwait(false);
        if (snapshots.Fault is { } fault)
        {
            scope.BadPointer(fault);
        }

        scope.Point(
            _header.SnapshotOffset,
            snapshots.TableLength,
            1,
            "The table of snapshots",
            isTable: true);
        foreach (IGrouping<(long Offset, int Size), Qcow2Snapshot> same in
            snapshots.All.GroupBy(snapshot => (snapshot.L1Offset, snapshot.L1Size)))
        {
            await WalkL1Async(
                same.Key.Offset,
                same.Key.Size,
                (uint)same.Count(),
                "The L1 table of a snapshot",
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WalkCountsAsync(CancellationToken cancellationToken)
    {
        int length = _header.CountTableClusters << scope.Geometry.ClusterBits;
        if (length == 0 || !scope.Point(
            _header.CountTableOffset, length, 1, "The refcount table", isTable: true))
        {
            scope.HasBrokenCounts = true;
            return;
        }

        byte[] table = new byte[length];
        await scope.ReadAsync(_header.CountTableOffset, table, cancellationToken)
            .ConfigureAwait(false);
        for (int number = 0; number < length / 8; number++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(number * 8));
            if (entry == 0)
            {
                continue;
            }

            bool isNew = !scope.Metadata.Contains((long)entry);
            if (scope.Point((long)entry, 1, 1, $"Refcount block {number}", isTable: true) && isNew)
            {
                scope.CountBlocks.Add(number, (long)entry);
            }
            else
            {
                scope.HasBrokenCounts = true;
            }
        }
    }

    private async ValueTask WalkL1Async(
        long offset, int size, uint times, string what, CancellationToken cancellationToken)
    {
        if (size == 0 || !scope.Point(offset, size * 8L, times, what, isTable: true))
        {
            return;
        }

        byte[] table = new byte[size * 8];
        await scope.ReadAsync(offset, table, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < size; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(table.AsSpan(i * 8));
            long l2 = (long)(entry & OffsetMask);
            if ((entry & ReservedL1) != 0)
            {
                scope.BadPointer($"{what} has an entry {i} of 0x{entry:X16}, with reserved bits.");
            }

            if (l2 != 0)
            {
                AddL2(l2, times, $"The L2 table of entry {i}");
            }
        }
    }

    // A second pointer is another snapshot's, and no overlap.
    private void AddL2(long offset, uint times, string what)
    {
        if (scope.L2Tables.TryGetValue(offset, out uint before))
        {
            scope.L2Tables[offset] = before + times;
            scope.Pointers.Add(offset >> scope.Geometry.ClusterBits, times);
        }
        else if (scope.Point(offset, 1, times, what, isTable: true))
        {
            scope.L2Tables.Add(offset, times);
        }
    }
}
