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

    /// <inheritdoc cref="DiskMap.TryMap"/>
    public bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        run = default;
        long at = _files.Header.L1Offset + ((offset >> _geometry.L2ReachBits) * 8);
        if (!_files.Tables.TryGet(at, out TablePage? page, out miss))
        {
            return false;
        }

        int place = (int)(at - page.Offset);
        long table = L2Offset(page, place);
        if (table == 0)
        {
            run = WalkL1(page, place, offset, length);
            return true;
        }

        if (!_files.Tables.TryGet(EntryOffset(table, offset), out page, out miss))
        {
            return false;
        }

        run = WalkL2(page, table, offset, length);
        return true;
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
