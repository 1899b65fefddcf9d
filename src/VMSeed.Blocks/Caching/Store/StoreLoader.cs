using System.Runtime.InteropServices;
using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Reads a whole directory into a mirror and finds what cannot be true in it.</summary>
/// <remarks>
/// The same after a crash, a clean end and a power cut: no flag says which it was. What is left
/// over from a write that was not finished is an entry whose checksum fails, or two entries that
/// claim the same units; both are dropped here, so that no two blocks ever share storage. Whether
/// an entry's bytes are the right ones is found out when they are read. Entries that a growth of
/// the directory was to move, and did not come to, are moved here.
/// </remarks>
/// <param name="geometry">The store's.</param>
/// <param name="salt">The store's.</param>
/// <param name="directory">The directory.</param>
internal sealed class StoreLoader(StoreGeometry geometry, uint salt, StoreDirectory directory)
{
    private readonly List<(uint Sequence, int Slot, DirectoryEntry Entry)> _sound = [];
    private readonly List<(int Slot, DirectoryEntry Entry)> _left = [];
    private readonly List<int> _bad = [];

    /// <summary>The sound entries, oldest first, after <see cref="Read"/>.</summary>
    public IReadOnlyList<(uint Sequence, int Slot, DirectoryEntry Entry)> Sound => _sound;

    /// <summary>Changes that the store has seen at least.</summary>
    public ulong Head => _sound.Count == 0 ? 0 : (ulong)_sound[^1].Sequence + 1;

    /// <summary>Reads the directory.</summary>
    /// <param name="cancellationToken">Gives the work up.</param>
    public void Read(CancellationToken cancellationToken)
    {
        directory.Scan(geometry.Slots, Visit, cancellationToken);
        CollectionsMarshal.AsSpan(_sound).Sort(static (left, right) =>
            left.Sequence.CompareTo(right.Sequence));
    }

    /// <summary>Fills a mirror, and finishes a growth.</summary>
    /// <param name="mirror">An empty one.</param>
    /// <returns>The slots whose entries must go.</returns>
    public IReadOnlyList<int> Fill(StoreMirror mirror)
    {
        foreach ((uint _, int slot, DirectoryEntry entry) in _sound)
        {
            if (!mirror.TryAdd(slot, entry))
            {
                _bad.Add(slot);
            }
        }

        foreach ((int slot, DirectoryEntry entry) in _left)
        {
            Move(mirror, entry);
            _bad.Add(slot);
        }

        return _bad;
    }

    // Where the entry has been copied already, its units are taken, and the copy stays.
    private void Move(StoreMirror mirror, in DirectoryEntry entry)
    {
        int first = geometry.PageOf(entry.Prefix) * StoreGeometry.PageEntries;
        for (int slot = first; slot < first + StoreGeometry.PageEntries; slot++)
        {
            if (!mirror.IsUsed(slot))
            {
                if (mirror.TryAdd(slot, entry))
                {
                    directory.Write(slot, entry);
                }

                return;
            }
        }
    }

    private void Visit(int slot, DirectoryEntry entry)
    {
        int page = slot / StoreGeometry.PageEntries;
        bool sound = entry.IsSound(salt);
        if (sound && geometry.PageOf(entry.Prefix) == page)
        {
            _sound.Add((entry.Sequence, slot, entry));
        }
        else if (sound && geometry.WasPageOf(entry.Prefix, page))
        {
            _left.Add((slot, entry));
        }
        else
        {
            _bad.Add(slot);
        }
    }
}
