namespace VMSeed.Disks.Mapping;

/// <summary>Units that were unpacked lately, for readers that come back for their
/// neighbours.</summary>
/// <remarks>A unit is unpacked once for all who ask while it is under way.</remarks>
internal sealed class UnpackedUnits
{
    /// <summary>What unpacked units may occupy: 16 MiB, the read-ahead of a few sequential readers;
    /// what is hot is in the page cache of whoever stands above.</summary>
    private const int MaxBytes = 16 << 20;

    private readonly DiskMap _map;
    private readonly Lock _gate = new();
    private readonly Dictionary<(long Unit, long Place), Task<byte[]>> _units = [];
    private readonly Queue<(long Unit, long Place)> _order = new();
    private readonly int _capacity;
    private int _generation;

    public UnpackedUnits(DiskMap map)
    {
        _map = map;
        _capacity = Math.Max(4, MaxBytes / Math.Max(1, map.UnitSize));
    }

    /// <summary>The unit's bytes.</summary>
    public ValueTask<byte[]> GetAsync(
        long unit, long place, CancellationToken cancellationToken)
    {
        Task<byte[]>? task;
        lock (_gate)
        {
            if (!_units.TryGetValue((unit, place), out task))
            {
                task = UnpackAsync(unit, place, _generation);
                Keep((unit, place), task);
            }
        }

        return task.IsCompletedSuccessfully
            ? new(task)
            : new(task.WaitAsync(cancellationToken));
    }

    /// <summary>Forgets everything: a unit has been written over.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _generation++;
            _units.Clear();
            _order.Clear();
        }
    }

    private void Keep((long Unit, long Place) key, Task<byte[]> task)
    {
        if (task.IsFaulted)
        {
            return;
        }

        _units.Add(key, task);
        _order.Enqueue(key);
        while (_order.Count > _capacity)
        {
            _units.Remove(_order.Dequeue());
        }
    }

    // Belongs to nobody's token: whoever else waits for the unit must not lose it.
    private async Task<byte[]> UnpackAsync(long unit, long place, int generation)
    {
        byte[] bytes = new byte[Math.Min(_map.UnitSize, _map.Length - unit)];
        try
        {
            await _map.UnpackAsync(unit, place, bytes, CancellationToken.None)
                .ConfigureAwait(false);
            return bytes;
        }
        catch
        {
            lock (_gate)
            {
                if (generation == _generation)
                {
                    _units.Remove((unit, place));
                }
            }

            throw;
        }
    }
}
