using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Snapshots;

// A damaged table is nobody's loss who opens the image as it is now: it is read as far as it goes,
// and what is wrong with it is said where somebody asks for what lies behind.

/// <summary>The table of internal snapshots, as far as it can be read.</summary>
/// <param name="All">The snapshots, in the image's order.</param>
/// <param name="TableLength">Bytes of the table up to there.</param>
/// <param name="Fault">Why it could not be read to its end; null where it could.</param>
internal sealed record Qcow2Snapshots(
    IReadOnlyList<Qcow2Snapshot> All, long TableLength, string? Fault)
{
    /// <summary>8 MiB: 65,536 snapshots with names of 60 characters; QEMU grants 64 MiB, which a
    /// forged table would have in memory more than twice.</summary>
    private const int MaxTableBytes = 8 << 20;

    /// <summary>Names that an error lists: as many as fit a few lines.</summary>
    private const int MaxNames = 8;

    /// <summary>Characters of a name in a message.</summary>
    private const int MaxNameLength = 60;

    /// <summary>What the table holds.</summary>
    public IReadOnlyList<DiskSnapshot> Descriptions { get; } =
        [.. All.Select(snapshot => snapshot.Description)];

    /// <summary>Reads the table.</summary>
    public static async ValueTask<Qcow2Snapshots> ReadAsync(
        BlockDevice file, Qcow2Header header, CancellationToken cancellationToken)
    {
        List<Qcow2Snapshot> all = [];
        long at = header.SnapshotOffset;
        byte[] buffer = new byte[512];
        for (int i = 0; i < header.SnapshotCount; i++)
        {
            Qcow2SnapshotEntry entry = default;
            bool isThere = at <= file.Length - Qcow2SnapshotEntry.HeadLength;
            if (isThere)
            {
                await file.ReadAsync(
                    at, buffer.AsMemory(0, Qcow2SnapshotEntry.HeadLength), cancellationToken)
                    .ConfigureAwait(false);
                entry = Qcow2SnapshotEntry.Parse(buffer);
            }

            long used = at - header.SnapshotOffset;
            if (!isThere || entry.L1Size > MaxL1Bytes / 8
                || entry.ExtraLength > Qcow2SnapshotEntry.MaxExtra
                || entry.Length > file.Length - at || entry.Length > MaxTableBytes - used)
            {
                return new(all, used, Describe(i, at, entry, file.Length));
            }

            if (buffer.Length < entry.Length)
            {
                buffer = new byte[entry.Length * 2];
            }

            await file.ReadAsync(at, buffer.AsMemory(0, (int)entry.Length), cancellationToken)
                .ConfigureAwait(false);
            all.Add(entry.Read(buffer.AsSpan(0, (int)entry.Length), header.Size));
            at += (entry.Length + 7) & ~7L;
        }

        return new(all, at - header.SnapshotOffset, Fault: null);
    }

    /// <summary>The snapshot with this ID, else the first with this name: as QEMU looks.</summary>
    /// <exception cref="DiskFormatException">There is none; the message says what there
    /// is.</exception>
    public Qcow2Snapshot Find(string wanted) =>
        All.FirstOrDefault(snapshot => snapshot.Description.Id == wanted)
        ?? All.FirstOrDefault(snapshot => snapshot.Description.Name == wanted)
        ?? throw (Fault is null
            ? new DiskFormatException(
                DiskFault.MissingSnapshot,
                $"The qcow2 has no snapshot '{Shorten(wanted)}'; {List()}.")
            : DiskFormatException.Corrupt(Fault));

    /// <summary>A name, cut to what a message can bear.</summary>
    public static string Shorten(string name) =>
        name.Length <= MaxNameLength ? name : name[..MaxNameLength] + "…";

    private string List()
    {
        if (All.Count == 0)
        {
            return "it has none at all";
        }

        IEnumerable<string> names = Descriptions.Take(MaxNames)
            .Select(known => $"'{Shorten(known.Name)}' (ID {Shorten(known.Id)})");
        string more = All.Count > MaxNames ? $" and {All.Count - MaxNames} more" : "";
        return $"it has {string.Join(", ", names)}{more}";
    }

    private static string Describe(int index, long at, Qcow2SnapshotEntry entry, long fileLength) =>
        $"The table of snapshots of the qcow2 cannot be read from entry {index} at {at} on: the "
        + $"entry has {entry.Length} bytes, of at most {MaxTableBytes} of the table and up to "
        + $"{fileLength} of the file, and an L1 table of {entry.L1Size} entries, of at most "
        + $"{MaxL1Bytes / 8}.";
}
