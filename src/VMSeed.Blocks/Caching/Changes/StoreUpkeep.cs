using System.Runtime.InteropServices;
using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>Makes a store smaller, and writes down at its closing what was worth having.</summary>
/// <param name="store">The store.</param>
/// <param name="session">Its session, entered.</param>
/// <param name="writer">Its writer.</param>
internal sealed class StoreUpkeep(OpenStore store, StoreSession session, StoreWriter writer)
{
    // Of one round: so much is removed from the directory before its storage is given back.
    private const int RoundSlots = 4096;

    /// <summary>Evicts until the blocks occupy no more than so much, and gives the storage
    /// back.</summary>
    /// <param name="targetUnits">Units that the blocks may keep.</param>
    /// <param name="cancellationToken">Ends the work between two rounds.</param>
    /// <returns>Units that are free now and were not.</returns>
    public async Task<long> PruneUnsynchronizedAsync(
        long targetUnits, CancellationToken cancellationToken)
    {
        long before = session.Mirror.Units.Used;
        while (session.Mirror.Units.Used > targetUnits)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await EvictRoundAsync(targetUnits).ConfigureAwait(false);
        }

        return before - session.Mirror.Units.Used;
    }

    /// <summary>Writes the heat of every block into its entry, so that the next opening knows
    /// it.</summary>
    /// <remarks>Without it every short session would begin from nothing, and what is used daily
    /// would be as good as what was used once.</remarks>
    public void SaveHeat()
    {
        DirectoryEntry[] page = new DirectoryEntry[StoreGeometry.PageEntries];
        for (int index = 0; index < store.Geometry.Pages; index++)
        {
            session.Directory.ReadPage(index, page);
            if (Warm(index, page))
            {
                session.Directory.WritePage(index, page);
            }
        }
    }

    private async Task EvictRoundAsync(long targetUnits)
    {
        List<int> slots = [];
        List<(uint Unit, int Units)> places = [];
        while (session.Mirror.Units.Used > targetUnits && slots.Count < RoundSlots)
        {
            int victim = session.Mirror.Policy.PickVictim();
            slots.Add(victim);
            places.Add(session.Mirror.PlaceOf(victim));
            session.Mirror.Remove(victim);
        }

        writer.RemoveForgotten(CollectionsMarshal.AsSpan(slots));
        await TrimAsync(places).ConfigureAwait(false);
    }

    // A hole costs the file system a change of its own: neighbours are given back together.
    private async Task TrimAsync(List<(uint Unit, int Units)> places)
    {
        places.Sort();
        for (int i = 0; i < places.Count;)
        {
            (uint start, int count) = places[i++];
            while (i < places.Count && places[i].Unit == start + (uint)count)
            {
                count += places[i++].Units;
            }

            await store.Device.TrimAsync(
                (long)start * StoreGeometry.UnitBytes,
                (long)count * StoreGeometry.UnitBytes).ConfigureAwait(false);
        }
    }

    private bool Warm(int index, DirectoryEntry[] page)
    {
        bool changed = false;
        int slot = index * StoreGeometry.PageEntries;
        foreach (ref DirectoryEntry entry in page.AsSpan())
        {
            int heat = store.Guards.Heat.Of(slot++);
            if (!entry.IsEmpty && entry.Shape.Heat != heat)
            {
                entry = entry.WithHeat(heat);
                changed = true;
            }
        }

        return changed;
    }
}
