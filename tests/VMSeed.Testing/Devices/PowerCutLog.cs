namespace VMSeed.Testing.Devices;

/// <summary>What happened to all files of one disk, in the one order in which it
/// happened.</summary>
/// <remarks>A flush orders the changes of its own file only, as on a real file system, and covers
/// what had been done when it began: not what others do while it is under way.</remarks>
internal sealed class PowerCutLog
{
    private readonly List<(PowerCutDevice File, DeviceChange Change)> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Whether every access gives other tasks a turn first, so that the steps of tasks
    /// that work at once are mixed.</summary>
    internal bool Yields { get; set; }

    /// <summary>How many changes and flushes there have been.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Does a change and notes it.</summary>
    internal ValueTask AddAsync(
        PowerCutDevice file, DeviceChange change, SurvivingChanges now)
    {
        // Memory is done at once: under the gate, the log has the order in which it happened.
        lock (_gate)
        {
            _entries.Add((file, change));
            return now.ApplyAsync(change);
        }
    }

    /// <summary>The first so many changes, those of other files left out.</summary>
    /// <returns>The changes of one file; each with whether it is durable.</returns>
    internal List<(DeviceChange Change, bool IsDurable)> Of(PowerCutDevice file, int changes)
    {
        lock (_gate)
        {
            int durable = DurableAt(file, changes);
            return [.. _entries.Take(changes).Index()
                .Where(entry => entry.Item.File == file)
                .Select(entry => (entry.Item.Change, entry.Index < durable))];
        }
    }

    /// <summary>How many of the first changes a file's flushes among them have made durable, as far
    /// as they are the file's.</summary>
    internal int DurableAt(PowerCutDevice file, int changes)
    {
        lock (_gate)
        {
            return (int)_entries.Take(changes)
                .Where(entry => entry.File == file && entry.Change.Kind == DeviceChangeKind.Flush)
                .Select(entry => entry.Change.Offset)
                .DefaultIfEmpty(0)
                .Max();
        }
    }
}
