using System.Runtime.InteropServices;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>Puts blocks into a store and takes them out.</summary>
/// <remarks>
/// The order of a change, none of which is flushed:
/// <list type="number">
/// <item>the journal names every slot that will change;</item>
/// <item>the entries of those who go are removed, between the two steps of their
/// generations;</item>
/// <item>the bytes of those who come are written into units that no entry points to;</item>
/// <item>their entries are written.</item>
/// </list>
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="session">Its session.</param>
internal sealed class StoreWriter(OpenStore store, StoreSession session)
{
    // Of one change: more, and other processes wait longer; less, and the steps cost more than the
    // bytes. A small store changes an eighth at a time, lest a batch evict itself.
    private const int MaxUnits = (4 << 20) / StoreGeometry.UnitBytes;
    private const int SmallStoreShare = 8;

    private readonly byte[] _tail = new byte[StoreGeometry.UnitBytes];
    private long _takenIn;

    /// <summary>Blocks that came.</summary>
    public long Arrived { get; private set; }

    /// <summary>Blocks that were evicted.</summary>
    public long Evicted { get; private set; }

    /// <summary>Puts blocks. The session is entered.</summary>
    /// <param name="blocks">The blocks, verified.</param>
    /// <param name="places">Gets the places of those that came, by index; may be empty.</param>
    public void PutUnsynchronized(
        IReadOnlyList<StoredBlock> blocks, Memory<BlockPlace> places)
    {
        if (session.Mirror.Policy.Count + blocks.Count > store.Geometry.Capacity)
        {
            new DirectoryGrowth(store, session).GrowFor(session.Mirror.Policy.Count + blocks.Count);
        }

        int limit = Math.Min(MaxUnits, session.Mirror.Units.Length / SmallStoreShare);
        PutPlan plan = new(session, store);
        int units = 0;
        for (int i = 0; i < blocks.Count; i++)
        {
            StoredBlock block = blocks[i];
            if (units + block.Units > limit && units > 0)
            {
                CarryOut(plan, places);
                plan = new(session, store);
                units = 0;
            }

            units += block.Units;
            plan.Add(i, block);
        }

        CarryOut(plan, places);
    }

    /// <summary>Takes the entries of blocks out of the directory. The session is entered.</summary>
    /// <param name="slots">Their slots, which the mirror has forgotten.</param>
    public void RemoveForgotten(ReadOnlySpan<int> slots)
    {
        _ = session.Announce(slots);
        session.RemoveAnnounced(slots);
        Evicted += slots.Length;
    }

    private void CarryOut(PutPlan plan, Memory<BlockPlace> places)
    {
        int[] changes = [.. plan.Arrivals.Select(arrival => arrival.Slot), .. plan.Victims];
        if (changes.Length == 0)
        {
            return;
        }

        uint sequence = session.Announce(changes);
        session.RemoveAnnounced(CollectionsMarshal.AsSpan(plan.Victims));
        Evicted += plan.Victims.Count;
        foreach (PutPlan.Arrival arrival in plan.Arrivals)
        {
            WriteBytes(arrival);
        }

        // The bytes before the entries, for readers in other processes.
        Interlocked.MemoryBarrier();
        foreach (PutPlan.Arrival arrival in plan.Arrivals)
        {
            BlockPlace place = Publish(arrival, sequence++);
            if (!places.IsEmpty)
            {
                places.Span[arrival.Index] = place;
            }
        }
    }

    private void WriteBytes(PutPlan.Arrival arrival)
    {
        // Whole units only: a part of one that is not in the page cache would be read from the
        // disk.
        ReadOnlySpan<byte> bytes = arrival.Block.Bytes.Span;
        long offset = (long)arrival.Unit * StoreGeometry.UnitBytes;
        int whole = bytes.Length / StoreGeometry.UnitBytes * StoreGeometry.UnitBytes;
        if (whole > 0)
        {
            store.Device.Write(offset, bytes[..whole]);
        }

        if (whole < bytes.Length)
        {
            _tail.AsSpan().Clear();
            bytes[whole..].CopyTo(_tail);
            store.Device.Write(offset + whole, _tail);
        }
    }

    private BlockPlace Publish(PutPlan.Arrival arrival, uint sequence)
    {
        StoredBlock block = arrival.Block;
        EntryShape shape = EntryShape.Of(block.Length, block.Units, block.IsCompressed);
        DirectoryEntry entry = DirectoryEntry.Of(
            block.Digest, arrival.Unit, shape, sequence, store.Salt);
        session.Mirror.AddTaken(arrival.Slot, entry);
        session.Directory.Write(arrival.Slot, entry);
        Arrived++;
        Advance(block.Units);
        uint generation = store.Guards.Of(arrival.Slot); // Nobody else can change it now.
        return new(arrival.Slot, arrival.Unit, generation, shape, entry.Stamp);
    }

    private void Advance(int units)
    {
        int tick = Math.Max(1, session.Mirror.Units.Length / Policy.HeatMap.TicksPerTurnover);
        long before = _takenIn / tick;
        _takenIn += units;
        store.Guards.Heat.Clock += (uint)((_takenIn / tick) - before);
    }
}
