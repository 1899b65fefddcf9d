namespace VMSeed.Blocks.Caching.Policy;

/// <summary>Decides what goes when room is needed: S3-FIFO over sizes in units.</summary>
/// <remarks>
/// (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023.) New blocks enter a
/// small queue, a tenth of the store. Who reaches its end cold leaves, and its name is remembered;
/// who is warm moves to the main queue, and so does, at once, who comes again while its name is
/// remembered. Who reaches the main queue's end warm goes round again, cooler. A pass over a whole
/// disk therefore flows through the small queue and leaves the main one alone. Hits move nothing:
/// they mark a byte (<see cref="HeatMap"/>), without a lock, from any process.
/// <para>Measured against the alternatives in docs/decisions/0003-cache.md.</para>
/// </remarks>
internal sealed class EvictionPolicy
{
    // The paper's tenth. Less, and a block has no time to be asked for again; more, and a scan
    // takes that much of the store.
    private const int SmallShare = 10;

    // Readers keep warming while the queues are cooled; four rounds empty whatever nobody touches.
    private const int MaxRounds = 4;

    private readonly int[] _next;
    private readonly int[] _previous;
    // One less than they are; meaningful while the slot is in a queue.
    private readonly byte[] _units;
    private readonly bool[] _isMain;
    private readonly SlotList _small;
    private readonly SlotList _main;
    private readonly GhostTable _ghosts;
    private readonly HeatMap _heat;

    /// <summary>A policy over empty queues.</summary>
    /// <param name="slots">Slots of the directory.</param>
    /// <param name="heat">Where readers mark.</param>
    public EvictionPolicy(int slots, HeatMap heat)
    {
        _next = new int[slots];
        _previous = new int[slots];
        _units = new byte[slots];
        _isMain = new bool[slots];
        _small = new SlotList(_next, _previous);
        _main = new SlotList(_next, _previous);
        _ghosts = new GhostTable(Math.Max(16, slots / 2));
        _heat = heat;
    }

    /// <summary>Blocks in the queues.</summary>
    public int Count => _small.Count + _main.Count;

    /// <summary>A new block came.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="units">Its size.</param>
    /// <param name="name">The first bits of its digest.</param>
    public void Add(int slot, int units, ulong name)
    {
        _heat.Reset(slot);
        Append(slot, units, _ghosts.Take(name));
    }

    /// <summary>A block is there that came before; call it in the order in which they
    /// came.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="units">Its size.</param>
    /// <param name="warm">Whether it has been asked for again.</param>
    public void Restore(int slot, int units, bool warm) => Append(slot, units, warm);

    /// <summary>A block is gone.</summary>
    /// <param name="slot">Its slot.</param>
    public void Remove(int slot) =>
        (_isMain[slot] ? _main : _small).Remove(slot, _units[slot] + 1);

    /// <summary>A block is evicted: if it never left the small queue, its name is
    /// remembered.</summary>
    /// <param name="slot">Its slot, in a queue.</param>
    /// <param name="name">The first bits of its digest.</param>
    public void Evict(int slot, ulong name)
    {
        if (!_isMain[slot])
        {
            _ghosts.Add(name);
        }

        Remove(slot);
    }

    /// <summary>The block to evict next; it stays in its queue.</summary>
    /// <returns>Its slot; -1 when there is none.</returns>
    public int PickVictim()
    {
        for (long steps = (MaxRounds * (long)Count) + 1; steps > 0; steps--)
        {
            bool fromSmall = _main.Count == 0
                || (_small.Count > 0 && _small.Units * SmallShare >= _small.Units + _main.Units);
            SlotList queue = fromSmall ? _small : _main;
            int slot = queue.First;
            int heat = slot < 0 ? 0 : _heat.Of(slot);
            if (heat == 0)
            {
                return slot;
            }

            _heat.Cool(slot, fromSmall ? 0 : heat - 1);
            int units = _units[slot] + 1;
            queue.Remove(slot, units);
            Append(slot, units, toMain: true);
        }

        return _main.Count > 0 ? _main.First : _small.First;
    }

    private void Append(int slot, int units, bool toMain)
    {
        _isMain[slot] = toMain;
        _units[slot] = (byte)(units - 1);
        (toMain ? _main : _small).Append(slot, units);
    }
}
