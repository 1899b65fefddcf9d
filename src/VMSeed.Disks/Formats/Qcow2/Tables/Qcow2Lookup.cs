using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Tables;

/// <summary>Answers what lies where: two look-ups in pages of the tables.</summary>
internal sealed class Qcow2Lookup
{
    private readonly Qcow2Files _files;
    private readonly Qcow2Geometry _geometry;
    private readonly Qcow2L2Reader _reader;

    public Qcow2Lookup(Qcow2Files files)
    {
        _files = files;
        _geometry = files.Header.Geometry;
        _reader = new Qcow2L2Reader(
            _geometry, files.Header.HasZeroFlag, files.Header.HasDataFile);
    }

    /// <summary>What a map is asked.</summary>
    public ValueTask<Run> MapAsync(long offset, long length, CancellationToken cancellationToken)
    {
        long at = _files.Header.L1Offset + ((offset >> _geometry.L2ReachBits) * 8);
        ValueTask<TablePage> look = _files.Tables.GetAsync(at, cancellationToken);
        if (!look.IsCompletedSuccessfully)
        {
            return WaitForL1Async(look, at, offset, length, cancellationToken);
        }

        TablePage page = look.Result;
        long table = L2Offset(page, (int)(at - page.Offset));
        return table == 0
            ? new(WalkL1(page, (int)(at - page.Offset), offset, length))
            : MapL2Async(table, offset, length, cancellationToken);
    }

    /// <summary>Where the L2 entry of an offset lies.</summary>
    public long EntryOffset(long table, long offset)
    {
        long index = (offset >> _geometry.ClusterBits) & ((1L << _geometry.L2Bits) - 1);
        return table + (index * _geometry.EntrySize);
    }

    /// <summary>The L2 table that an L1 entry names; 0 without one.</summary>
    public long L2Offset(ulong entry)
    {
        long offset = (long)(entry & OffsetMask);
        return (offset & (_geometry.ClusterSize - 1)) == 0 && offset < _files.File.Length
            ? offset
            : throw DiskFormatException.Corrupt(
                $"The qcow2 has an L2 table at {offset}, not at the beginning of a cluster of "
                + $"{_geometry.ClusterSize} bytes, or past the {_files.File.Length} bytes of its "
                + "file.");
    }

    private long L2Offset(TablePage page, int at) => L2Offset(page.ReadUInt64BigEndian(at));

    private ValueTask<Run> MapL2Async(
        long table, long offset, long length, CancellationToken cancellationToken)
    {
        ValueTask<TablePage> look = _files.Tables.GetAsync(
            EntryOffset(table, offset), cancellationToken);
        return look.IsCompletedSuccessfully
            ? new(WalkL2(look.Result, table, offset, length))
            : WaitForL2Async(look, table, offset, length);
    }

    private async ValueTask<Run> WaitForL1Async(
        ValueTask<TablePage> look,
        long at,
        long offset,
        long length,
        CancellationToken cancellationToken)
    {
        TablePage page = await look.ConfigureAwait(false);
        long table = L2Offset(page, (int)(at - page.Offset));
        return table == 0
            ? WalkL1(page, (int)(at - page.Offset), offset, length)
            : await MapL2Async(table, offset, length, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Run> WaitForL2Async(
        ValueTask<TablePage> look, long table, long offset, long length) =>
        WalkL2(await look.ConfigureAwait(false), table, offset, length);

    // Nothing is stored: as far as the next L1 entry with a table, within this page.
    private Run WalkL1(TablePage page, int at, long offset, long length)
    {
        long l2Reach = 1L << _geometry.L2ReachBits;
        long reach = l2Reach - (offset & (l2Reach - 1));
        for (at += 8; reach < length && at < TablePage.Size && L2Offset(page, at) == 0; at += 8)
        {
            reach += l2Reach;
        }

        return Run.Parent(Math.Min(reach, length));
    }

    // As far as neighbours lie side by side, or lie nowhere together, within this page of the
    // table.
    private Run WalkL2(TablePage page, long table, long offset, long length)
    {
        int at = (int)(EntryOffset(table, offset) - page.Offset);
        long end = Math.Min(TablePage.Size, table + _geometry.ClusterSize - page.Offset);
        int start = (int)(offset & (_geometry.ClusterSize - 1));
        Qcow2Cell first = _reader.Read(page, at, start);
        long reach = first.Reach;
        while (reach < length)
        {
            int next = (int)((offset + reach) & (_geometry.ClusterSize - 1));
            at += next == 0 ? _geometry.EntrySize : 0;
            if (at >= end || _reader.Read(page, at, next) is var cell && !first.GoesOn(cell, reach))
            {
                break;
            }

            reach += cell.Reach;
        }

        return ToRun(first, offset, Math.Min(reach, length));
    }

    private Run ToRun(Qcow2Cell cell, long offset, long length) => cell.Kind switch
    {
        RunKind.Data => ToData(cell, length),
        RunKind.Packed => Run.Packed(
            offset & -_geometry.ClusterSize, cell.Offset, length),
        RunKind.Zero => Run.Zero(length),
        _ => Run.Parent(length),
    };

    // The last cluster of a file may be cut short: what is not there reads as zeros.
    private Run ToData(Qcow2Cell cell, long length)
    {
        BlockDevice store = _files.Data;
        long there = store.Length - cell.Offset;
        if (there > 0)
        {
            return Run.Data(store, cell.Offset, Math.Min(length, there)) with
            {
                IsShared = cell.IsShared,
            };
        }

        long cluster = cell.Offset & -_geometry.ClusterSize;
        return cluster < store.Length || _files.Header.HasDataFile
            ? Run.Zero(Math.Min(length, cluster + _geometry.ClusterSize - cell.Offset))
            : throw DiskFormatException.Corrupt(
                $"The qcow2 has a cluster at {cluster}, past the {store.Length} bytes of its "
                + "file.");
    }
}
