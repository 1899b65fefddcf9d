using VMSeed.Blocks.Caching.Layout;
using VMSeed.Blocks.Caching.Store;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>Doubles a directory that has become full.</summary>
/// <remarks>
/// The order, in which nothing that is lost or half done costs more than blocks:
/// <list type="number">
/// <item>the superblock names the new size, and is flushed, alone of all that a cache writes: an
/// opening always looks at every page that may be in use. It happens a handful of times in a
/// store's life;</item>
/// <item>each page's entries that move are copied into their new page, all of which is written,
/// so that nothing of an older store is left in it;</item>
/// <item>readers look there from now on;</item>
/// <item>the entries that moved are removed where they were, between the two steps of their
/// generations: whoever keeps their places looks them up again.</item>
/// </list>
/// Between the second and the last step an entry is there twice. That is one block and no danger:
/// nothing is evicted meanwhile, and an opening after a crash keeps one of them.
/// </remarks>
/// <param name="store">The store.</param>
/// <param name="session">Its session, entered.</param>
internal sealed class DirectoryGrowth(OpenStore store, StoreSession session)
{
    private readonly DirectoryEntry[] _page = new DirectoryEntry[StoreGeometry.PageEntries];
    private readonly DirectoryEntry[] _sibling = new DirectoryEntry[StoreGeometry.PageEntries];

    /// <summary>Makes the directory as large as so many blocks want it, if it may be.</summary>
    /// <param name="blocks">A number of blocks.</param>
    public void GrowFor(int blocks)
    {
        int level = store.Geometry.GrownFor(blocks).Level;
        while (store.Geometry.Level < level)
        {
            Double();
        }
    }

    private void Double()
    {
        StoreGeometry geometry = store.Geometry;
        Superblock next = store.Superblock with
        {
            Geometry = geometry with { Level = geometry.Level + 1 },
        };
        store.Device.Write(0, next.ToBytes());
        store.Device.FlushAsync().AsTask().GetAwaiter().GetResult();
        for (int page = 0; page < geometry.Pages; page++)
        {
            CopyMoving(page, next.Geometry);
        }

        store.Superblock = next;
        for (int page = 0; page < geometry.Pages; page++)
        {
            RemoveMoved(page, next.Geometry);
        }

        session.Renew();
    }

    private void CopyMoving(int page, StoreGeometry next)
    {
        session.Directory.ReadPage(page, _page);
        Array.Clear(_sibling);
        int sibling = page + (next.Pages / 2);
        for (int i = 0; i < _page.Length; i++)
        {
            if (Moves(_page[i], page, next))
            {
                int heat = store.Guards.Heat.Of((page * StoreGeometry.PageEntries) + i);
                _sibling[i] = _page[i].WithHeat(heat);
                store.Guards.Heat.Restore((sibling * StoreGeometry.PageEntries) + i, heat);
            }
        }

        session.Directory.WritePage(sibling, _sibling);
    }

    private void RemoveMoved(int page, StoreGeometry next)
    {
        session.Directory.ReadPage(page, _page);
        List<int> moved = [];
        for (int i = 0; i < _page.Length; i++)
        {
            int slot = (page * StoreGeometry.PageEntries) + i;
            if (Moves(_page[i], page, next))
            {
                store.Guards.BeginRemoval(slot);
                moved.Add(slot);
                _page[i] = default;
            }
            else if (!_page[i].IsEmpty)
            {
                _page[i] = _page[i].WithHeat(store.Guards.Heat.Of(slot));
            }
        }

        session.Directory.WritePage(page, _page);
        foreach (int slot in moved)
        {
            store.Guards.EndRemoval(slot);
        }
    }

    private static bool Moves(in DirectoryEntry entry, int page, StoreGeometry next) =>
        !entry.IsEmpty && next.PageOf(entry.Prefix) != page;
}
