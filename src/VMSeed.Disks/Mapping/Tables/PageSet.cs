using System.Diagnostics.CodeAnalysis;

namespace VMSeed.Disks.Mapping.Tables;

// A hash table for one purpose: every read of a disk probes it once or twice, and between two reads
// a pread has pushed everything out of the processor's nearest cache. A probe of a
// ConcurrentDictionary follows a pointer to its buckets, to a node, and to the page; this one goes
// from the slots to the page, which holds its own key.
//
// Readers take no lock. They probe the slots that they see from the page's home on, up to an empty
// one. Writers, one at a time, keep that true at every moment: a page is in its slot before
// anybody needs it, a slot that was once used never becomes empty again, but a grave; and a larger
// table is whole before it is published. A reader who still holds the old one sees the pages as
// they were when it began.

/// <summary>Pages of tables by their numbers.</summary>
/// <remarks>Changed by one thread at a time, read by any number beside it.</remarks>
internal sealed class PageSet
{
    /// <summary>Slots at the beginning, a power of two: 1 KiB, for an image is seldom without a
    /// page or two, and many are open at once.</summary>
    private const int LeastSlots = 128;

    private static readonly TablePage s_grave = new(long.MinValue);

    private TablePage?[] _slots = new TablePage?[LeastSlots];
    private int _used;

    /// <summary>Pages.</summary>
    public int Count { get; private set; }

    /// <summary>The page of a number.</summary>
    public bool TryGet(long number, [NotNullWhen(true)] out TablePage? page)
    {
        TablePage?[] slots = Volatile.Read(ref _slots);
        int slot = Home(number);
        while (true)
        {
            page = Volatile.Read(ref slots[slot & (slots.Length - 1)]);
            if (page is null)
            {
                return false;
            }

            if (page.Number == number)
            {
                return true;
            }

            slot++;
        }
    }

    /// <summary>Adds a page, in place of another of its number.</summary>
    public void Set(TablePage page)
    {
        // Half of the slots stay empty, so that a probe that fails ends soon.
        if (2 * (_used + 1) > _slots.Length)
        {
            Rebuild();
        }

        int slot = Find(page.Number);
        if (_slots[slot] is null)
        {
            _used++;
            Count++;
        }

        Volatile.Write(ref _slots[slot], page);
    }

    /// <summary>Takes the page of a number away.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(long number)
    {
        int slot = Find(number);
        if (_slots[slot] is null)
        {
            return false;
        }

        Volatile.Write(ref _slots[slot], s_grave);
        Count--;
        return true;
    }

    // Fibonacci hashing: tables are runs of pages, whose numbers it scatters evenly.
    private static int Home(long number) =>
        (int)((ulong)number * 0x9E37_79B9_7F4A_7C15 >> 33);

    // The slot of a number, or the empty one where it would go.
    private int Find(long number)
    {
        int slot = Home(number) & (_slots.Length - 1);
        while (_slots[slot] is { } page && page.Number != number)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    // Without the graves; twice as large where pages, not graves, have filled it.
    private void Rebuild()
    {
        TablePage?[] old = _slots;
        int length = 4 * (Count + 1) > old.Length ? 2 * old.Length : old.Length;
        var slots = new TablePage?[length];
        foreach (TablePage? page in old)
        {
            if (page is null || page == s_grave)
            {
                continue;
            }

            int slot = Home(page.Number) & (length - 1);
            while (slots[slot] is not null)
            {
                slot = (slot + 1) & (length - 1);
            }

            slots[slot] = page;
        }

        _used = Count;
        Volatile.Write(ref _slots, slots);
    }
}
