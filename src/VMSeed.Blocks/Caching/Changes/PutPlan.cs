using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>What one change of the store will do: who goes, who comes, and where to.</summary>
/// <remarks>Made in the mirror and the directory's page cache; nothing has been written
/// yet.</remarks>
/// <param name="session">An entered session.</param>
/// <param name="store">The store.</param>
internal sealed class PutPlan(StoreSession session, OpenStore store)
{
    private readonly DirectoryEntry[] _page = new DirectoryEntry[StoreGeometry.PageEntries];

    /// <summary>The blocks that come.</summary>
    public List<Arrival> Arrivals { get; } = [];

    /// <summary>The slots whose blocks go.</summary>
    public List<int> Victims { get; } = [];

    /// <summary>Finds a place for a block, evicting what must go for it.</summary>
    /// <param name="index">Its index in what is put.</param>
    /// <param name="block">The block.</param>
    /// <remarks>It gets none if it is there already, or if nothing may be evicted for it.</remarks>
    public void Add(int index, StoredBlock block)
    {
        if (Arrivals.Exists(arrival => arrival.Block.Digest == block.Digest))
        {
            return;
        }

        int page = store.Geometry.PageOf(block.Digest.Prefix);
        session.Directory.ReadPage(page, _page);
        if (IsThere(page, block.Digest))
        {
            return;
        }

        int slot = FindSlot(page);
        int start = slot < 0 ? -1 : FindUnits(block.Units);
        if (start >= 0)
        {
            Arrivals.Add(new(index, block, slot, (uint)(start + store.Geometry.DataUnit)));
        }
    }

    private bool IsThere(int page, Digest digest)
    {
        int slot = page * StoreGeometry.PageEntries;
        foreach (ref readonly DirectoryEntry entry in _page.AsSpan())
        {
            if (entry.Names(digest) && session.Mirror.IsUsed(slot))
            {
                return true;
            }

            slot++;
        }

        return false;
    }

    // A free slot of the page, or that of its oldest cold block.
    private int FindSlot(int page)
    {
        int first = page * StoreGeometry.PageEntries;
        int victim = -1;
        for (int slot = first; slot < first + StoreGeometry.PageEntries; slot++)
        {
            bool used = session.Mirror.IsUsed(slot);
            if (!used && !Arrivals.Exists(arrival => arrival.Slot == slot))
            {
                return slot;
            }

            if (used && (victim < 0 || IsOlder(slot - first, victim - first, first)))
            {
                victim = slot;
            }
        }

        return victim >= 0 && Evict(victim) ? victim : -1;
    }

    private bool IsOlder(int index, int other, int first)
    {
        int heat = store.Guards.Heat.Of(first + index) - store.Guards.Heat.Of(first + other);
        return heat < 0 || (heat == 0 && _page[index].Sequence < _page[other].Sequence);
    }

    private int FindUnits(int count)
    {
        int start = session.Mirror.Units.Take(count);
        for (int freed = 0; start < 0; start = session.Mirror.Units.Take(count))
        {
            int victim = session.Mirror.Policy.PickVictim();
            if (victim < 0)
            {
                return -1;
            }

            (uint unit, int units) = session.Mirror.PlaceOf(victim);
            freed += units;
            bool went = freed <= 2 * count
                ? Evict(victim)
                : EvictAround(unit, count);
            if (!went)
            {
                return -1;
            }
        }

        return start;
    }

    // Room there is, but in pieces: what lies beside the victim goes too, until a run is free.
    private bool EvictAround(uint unit, int count)
    {
        int last = session.Mirror.Units.Length - count;
        int start = Math.Clamp((int)(unit - (uint)store.Geometry.DataUnit), 0, last)
            & -UnitMap.AlignmentOf(count);
        foreach (int slot in session.Mirror.SlotsWithin(start, count).ToArray())
        {
            if (!Evict(slot))
            {
                return false;
            }
        }

        return true;
    }

    private bool Evict(int slot)
    {
        if (store.Access != StoreAccess.Change)
        {
            return false;
        }

        DirectoryEntry entry = session.Directory.Read(slot);
        session.Mirror.Evict(slot, entry.Prefix);
        Victims.Add(slot);
        return true;
    }

    /// <summary>A block that comes.</summary>
    /// <param name="Index">Its index in what is put.</param>
    /// <param name="Block">The block.</param>
    /// <param name="Slot">Its slot.</param>
    /// <param name="Unit">Its first unit.</param>
    internal readonly record struct Arrival(int Index, StoredBlock Block, int Slot, uint Unit);
}
