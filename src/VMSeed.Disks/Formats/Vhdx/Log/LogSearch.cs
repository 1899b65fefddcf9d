using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.Log.LogFormat;

namespace VMSeed.Disks.Formats.Vhdx.Log;

// The log says nowhere where it begins (2.3.3). Every sector may begin an entry; those that are
// whole and numbered one after the other, each where the one before ends, are a sequence. The
// newest entry of all that can reach back to the place that it names as its tail is the head; what
// lies from there to the head is what a replay does, and what lies before it has been done.

/// <summary>Finds the entries that are to be replayed.</summary>
internal static class LogSearch
{
    /// <summary>The entries, the oldest first.</summary>
    /// <returns>None when nothing was ever logged under this name: whoever made it up was stopped
    /// before the first entry was written.</returns>
    /// <exception cref="DiskFormatException">There are entries, and the newest cannot be
    /// used.</exception>
    public static IReadOnlyList<LogEntry> Find(LogRing ring, Guid id)
    {
        var entries = new Dictionary<int, LogEntry>();
        bool isClaimed = false;
        for (int offset = 0; offset < ring.Length; offset += Sector)
        {
            isClaimed |= ring.IsClaimed(offset, id);
            if (ring.TryParse(offset, id) is { } entry)
            {
                entries.Add(offset, entry);
            }
        }

        foreach (LogEntry head in entries.Values.OrderByDescending(entry => entry.Sequence))
        {
            if (TryWalk(entries, head, ring.Length) is { } sequence)
            {
                return sequence;
            }
        }

        return isClaimed
            ? throw DiskFormatException.Corrupt(
                "The VHDX was not closed, and its log has no entries that could be replayed.")
            : [];
    }

    // From the tail on, as long as numbers and places follow each other.
    private static List<LogEntry>? TryWalk(
        Dictionary<int, LogEntry> entries, LogEntry head, int length)
    {
        List<LogEntry> sequence = [];
        long bytes = 0;
        int offset = head.Tail < length ? (int)head.Tail : -1;
        while (entries.TryGetValue(offset, out LogEntry? entry)
            && (sequence.Count == 0 || entry.Sequence == sequence[^1].Sequence + 1))
        {
            bytes += entry.Length;
            if (bytes > length)
            {
                return null;
            }

            sequence.Add(entry);
            if (entry == head)
            {
                return sequence;
            }

            offset = (int)((entry.Offset + (long)entry.Length) % length);
        }

        return null;
    }
}
