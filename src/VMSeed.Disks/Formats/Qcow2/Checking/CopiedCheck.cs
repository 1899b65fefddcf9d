using System.Buffers.Binary;
using VMSeed.Disks.Formats.Qcow2.Space;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>Holds the marks of what may be written in its place against the pointers: copied means
/// that there is one pointer.</summary>
internal sealed class CopiedCheck(CheckScope scope, bool repair)
{
    private readonly byte[] _word = new byte[8];

    /// <summary>Walks the disk's own tables; those of snapshots are never written by their
    /// marks.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        byte[] l1 = new byte[scope.Files.Header.L1Size * 8];
        byte[] l2 = new byte[scope.Geometry.ClusterSize];
        HashSet<long> seen = [];
        await scope.ReadAsync(scope.Files.Header.L1Offset, l1, cancellationToken)
            .ConfigureAwait(false);
        for (int i = 0; i < l1.Length; i += 8)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(l1.AsSpan(i));
            long table = (long)(entry & OffsetMask);
            if (!scope.L2Tables.ContainsKey(table) || !seen.Add(table))
            {
                continue;
            }

            await CheckAsync(
                scope.Files.Header.L1Offset + i, entry, table, Qcow2Ranks.L1, cancellationToken)
                .ConfigureAwait(false);
            await scope.ReadAsync(table, l2, cancellationToken).ConfigureAwait(false);
            await CheckL2Async(l2, table, cancellationToken).ConfigureAwait(false);
            scope.Advance();
        }
    }

    private async ValueTask CheckL2Async(
        byte[] l2, long table, CancellationToken cancellationToken)
    {
        for (int at = 0; at < l2.Length; at += scope.Geometry.EntrySize)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(l2.AsSpan(at));
            long place = (long)(entry & OffsetMask);
            if ((entry & CompressedFlag) == 0 && place != 0)
            {
                await CheckAsync(table + at, entry, place, Qcow2Ranks.L2, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    private async ValueTask CheckAsync(
        long at, ulong entry, long place, int rank, CancellationToken cancellationToken)
    {
        bool isOwn = rank == Qcow2Ranks.L2 && scope.Files.Header.HasDataFile
            ? true
            : scope.Pointers.Of(place >> scope.Geometry.ClusterBits) == 1;
        if (isOwn == ((entry & CopiedFlag) != 0))
        {
            return;
        }

        scope.Report.Error(
            $"The entry 0x{entry:X16} at {at} names the cluster at {place}, which "
            + (isOwn ? "nothing else names, and is not marked as copied."
                : "others name too, and is marked as copied."));
        if (repair)
        {
            scope.Report.Repaired++;
            BinaryPrimitives.WriteUInt64BigEndian(_word, entry ^ CopiedFlag);
            await scope.Files.Tables.WriteAsync(at, _word, rank, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
