using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Policy;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>What a process that changes the store knows of it: who lies where, and who goes
/// next.</summary>
/// <remarks>Only ever a copy: the directory is the truth. Some 20 bytes of memory a slot.</remarks>
/// <param name="geometry">The store's.</param>
/// <param name="heat">Where readers mark.</param>
internal sealed class StoreMirror(StoreGeometry geometry, HeatMap heat)
{
    private readonly uint[] _unit = new uint[geometry.Slots]; // 0: nothing there.
    private readonly byte[] _units = new byte[geometry.Slots]; // One less.
    private readonly ulong[] _stamp = new ulong[geometry.Slots];

    /// <summary>Who goes next.</summary>
    public EvictionPolicy Policy { get; } = new(geometry.Slots, heat);

    /// <summary>Which units are taken, counted from the first of the blocks.</summary>
    public UnitMap Units { get; } = new((int)(geometry.Units - geometry.DataUnit));

    /// <summary>Changes of the store that the mirror has seen.</summary>
    public ulong Seen { get; set; }

    /// <summary>Whether a slot is in use.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>True when it is.</returns>
    public bool IsUsed(int slot) => _unit[slot] != 0;

    /// <summary>Tells the slot's entry from every other.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>Its stamp; 0 when there is none.</returns>
    public ulong StampOf(int slot) => _stamp[slot];

    /// <summary>The units of a slot's block.</summary>
    /// <param name="slot">The slot, in use.</param>
    /// <returns>The first, from the store's beginning, and how many.</returns>
    public (uint Unit, int Units) PlaceOf(int slot) => (_unit[slot], _units[slot] + 1);

    /// <summary>Takes an entry of the directory in.</summary>
    /// <param name="slot">Its slot, not in use.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>False when its units are another's, or none of the store's.</returns>
    public bool TryAdd(int slot, in DirectoryEntry entry)
    {
        if (!Units.TryTake((long)entry.Unit - geometry.DataUnit, entry.Units))
        {
            return false;
        }

        Set(slot, entry);
        Policy.Restore(slot, entry.Units, entry.Shape.Heat > 0);
        return true;
    }

    /// <summary>Notes an entry whose units have been taken already.</summary>
    /// <param name="slot">Its slot, not in use.</param>
    /// <param name="entry">The entry.</param>
    public void AddTaken(int slot, in DirectoryEntry entry)
    {
        Set(slot, entry);
        Policy.Add(slot, entry.Units, entry.Prefix);
    }

    /// <summary>Forgets a slot's entry; its units are free.</summary>
    /// <param name="slot">The slot, in use.</param>
    public void Remove(int slot)
    {
        Policy.Remove(slot);
        Clear(slot);
    }

    /// <summary>Forgets a slot's entry because room is needed.</summary>
    /// <param name="slot">The slot, in use.</param>
    /// <param name="name">The first bits of its digest.</param>
    public void Evict(int slot, ulong name)
    {
        Policy.Evict(slot, name);
        Clear(slot);
    }

    /// <summary>The slots whose blocks touch a range of units.</summary>
    /// <param name="start">The first unit, from the first of the blocks.</param>
    /// <param name="count">How many.</param>
    /// <returns>The slots.</returns>
    public IEnumerable<int> SlotsWithin(int start, int count)
    {
        long first = (long)geometry.DataUnit + start;
        for (int slot = 0; slot < _unit.Length; slot++)
        {
            bool touches = _unit[slot] < first + count && _unit[slot] + _units[slot] >= first;
            if (_unit[slot] != 0 && touches)
            {
                yield return slot;
            }
        }
    }

    private void Clear(int slot)
    {
        Units.Return((int)(_unit[slot] - (uint)geometry.DataUnit), _units[slot] + 1);
        (_unit[slot], _stamp[slot]) = (0, 0);
    }

    private void Set(int slot, in DirectoryEntry entry)
    {
        (_unit[slot], _units[slot]) = (entry.Unit, (byte)(entry.Units - 1));
        _stamp[slot] = entry.Stamp;
    }
}
