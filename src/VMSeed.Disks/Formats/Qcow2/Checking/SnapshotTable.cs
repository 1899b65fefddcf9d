using System.Buffers.Binary;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>The table of internal snapshots.</summary>
internal static class SnapshotTable
{
    private const int EntryLength = 40;

    /// <summary>64 KiB: what QEMU grants an entry's extra data, and more than both names can
    /// have.</summary>
    private const int MaxExtra = 64 * 1024;

    /// <summary>Where the snapshots' L1 tables lie, and how many entries they have.</summary>
    public static async ValueTask<IReadOnlyList<(long Offset, int Size)>> ReadAsync(
        CheckScope scope, CancellationToken cancellationToken)
    {
        List<(long Offset, int Size)> tables = [];
        long begin = scope.Files.Header.SnapshotOffset;
        long at = begin;
        byte[] entry = new byte[EntryLength];
        for (int i = 0; i < scope.Files.Header.SnapshotCount; i++)
        {
            await scope.ReadAsync(at, entry, cancellationToken).ConfigureAwait(false);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(entry.AsSpan(8));
            uint extra = BinaryPrimitives.ReadUInt32BigEndian(entry.AsSpan(36));
            if (size > MaxL1Bytes / 8 || extra > MaxExtra || at >= scope.Files.File.Length)
            {
                scope.BadPointer(
                    $"Snapshot {i} has an L1 table of {size} entries, and {extra} bytes of its "
                    + $"own, at {at}; the file ends at {scope.Files.File.Length}.");
                break;
            }

            tables.Add((BinaryPrimitives.ReadInt64BigEndian(entry), (int)size));
            int names = BinaryPrimitives.ReadUInt16BigEndian(entry.AsSpan(12))
                + BinaryPrimitives.ReadUInt16BigEndian(entry.AsSpan(14));
            at += (EntryLength + extra + names + 7) & ~7L;
        }

        scope.Point(begin, at - begin, 1, "The table of snapshots", isTable: true);
        return tables;
    }
}
