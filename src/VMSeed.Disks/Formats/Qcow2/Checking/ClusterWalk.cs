using System.Buffers.Binary;
using System.Numerics;
using VMSeed.Disks.Formats.Qcow2.Packing;
using VMSeed.Disks.Formats.Qcow2.Tables;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>Walks the entries of L2 tables, and counts the pointers to clusters.</summary>
internal sealed class ClusterWalk(CheckScope scope)
{
    private const ulong Reserved = 0x3F00_0000_0000_01FE;

    private readonly bool _isExtended = scope.Geometry.IsExtended;
    private readonly bool _hasDataFile = scope.Files.Header.HasDataFile;

    /// <summary>Walks one table.</summary>
    /// <param name="table">Its bytes.</param>
    /// <param name="offset">Where it lies, for the sentences.</param>
    /// <param name="times">How many L1 entries name it.</param>
    public void Walk(ReadOnlySpan<byte> table, long offset, uint times)
    {
        for (int at = 0; at < table.Length; at += scope.Geometry.EntrySize)
        {
            ulong word = BinaryPrimitives.ReadUInt64BigEndian(table[at..]);
            ulong bits = _isExtended ? BinaryPrimitives.ReadUInt64BigEndian(table[(at + 8)..]) : 0;
            if ((word | bits) != 0)
            {
                Count(new L2Entry(offset + at, word, bits), times);
            }
        }
    }

    private void Count(L2Entry entry, uint times)
    {
        string what = $"The entry 0x{entry.Word:X16} of the L2 table at {entry.Offset}";
        if ((entry.Word & CompressedFlag) != 0)
        {
            CountPacked(entry, times, what);
            return;
        }

        ulong reserved = Reserved | (_isExtended ? ZeroFlag : 0);
        uint stored = (uint)entry.Bits;
        bool hasPlace = (entry.Word & OffsetMask) != 0
            || (_hasDataFile && (entry.Word & CopiedFlag) != 0);
        if ((entry.Word & reserved) != 0 || (stored & (uint)(entry.Bits >> 32)) != 0
            || (stored != 0 && !hasPlace))
        {
            scope.BadPointer(
                $"{what} has reserved bits, or subclusters 0x{entry.Bits:X16} that contradict "
                + "themselves.");
        }

        if (hasPlace && !_hasDataFile)
        {
            CountCluster((long)(entry.Word & OffsetMask), times, what);
        }

        bool isZero = (entry.Word & ZeroFlag) != 0;
        scope.Report.AllocatedBytes += !hasPlace || isZero ? 0
            : _isExtended ? (long)BitOperations.PopCount(stored) * scope.Geometry.UnitSize
            : scope.Geometry.ClusterSize;
    }

    private void CountCluster(long place, uint times, string what)
    {
        if ((place & (scope.Geometry.ClusterSize - 1)) != 0)
        {
            scope.BadPointer($"{what} names {place}, which is not the beginning of a cluster.");
        }
        else if (scope.Metadata.Contains(place))
        {
            scope.BadPointer($"{what} names {place}, where a table lies.");
        }
        else
        {
            scope.Point(place, 1, times, what, isTable: false);
        }
    }

    private void CountPacked(L2Entry entry, uint times, string what)
    {
        if ((entry.Word & CopiedFlag) != 0 || _hasDataFile)
        {
            scope.BadPointer($"{what} is compressed, and marked as copied or in a data file.");
            return;
        }

        var place = PackedPlace.Parse((long)(entry.Word & (CompressedFlag - 1)), scope.Geometry);
        scope.Point(place.Offset, place.Length, times, what, isTable: false);
        scope.Report.AllocatedBytes += scope.Geometry.ClusterSize;
    }
}
