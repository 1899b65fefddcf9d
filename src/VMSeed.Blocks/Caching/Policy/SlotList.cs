namespace VMSeed.Blocks.Caching.Policy;

/// <summary>A queue of slots from which any can be taken; several share one pair of
/// arrays.</summary>
/// <param name="next">By slot: who follows.</param>
/// <param name="previous">By slot: who goes before.</param>
internal sealed class SlotList(int[] next, int[] previous)
{
    private const int None = -1;

    private int _last = None;

    /// <summary>The slot that has been in it longest; -1 when it is empty.</summary>
    public int First { get; private set; } = None;

    /// <summary>Units of all its slots.</summary>
    public long Units { get; private set; }

    /// <summary>How many slots are in it.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a slot at the end.</summary>
    /// <param name="slot">The slot; in no list.</param>
    /// <param name="units">Its size.</param>
    public void Append(int slot, int units)
    {
        (next[slot], previous[slot]) = (None, _last);
        if (_last == None)
        {
            First = slot;
        }
        else
        {
            next[_last] = slot;
        }

        _last = slot;
        Units += units;
        Count++;
    }

    /// <summary>Takes a slot out.</summary>
    /// <param name="slot">The slot; in this list.</param>
    /// <param name="units">Its size.</param>
    public void Remove(int slot, int units)
    {
        (int before, int after) = (previous[slot], next[slot]);
        if (before == None)
        {
            First = after;
        }
        else
        {
            next[before] = after;
        }

        if (after == None)
        {
            _last = before;
        }
        else
        {
            previous[after] = before;
        }

        Units -= units;
        Count--;
    }
}
