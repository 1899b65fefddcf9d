using System.Numerics;
using VMSeed.Blocks.Caching.Layout;

namespace VMSeed.Blocks.Caching.Store;

/// <summary>Which units of a store hold blocks; finds the lowest run that is free.</summary>
/// <remarks>
/// Lowest first keeps a growing file short, lays what is fetched together side by side, and takes
/// the place of what was just evicted, whose storage the file system need not find anew.
/// </remarks>
internal sealed class UnitMap
{
    private const int WordBits = 64;

    private readonly ulong[] _words;

    // By length of a run: no such run is free below. Kept exact downwards only: frees lower it.
    private readonly int[] _floor = new int[257];

    /// <summary>A map of free units.</summary>
    /// <param name="units">How many there are.</param>
    public UnitMap(int units)
    {
        Length = Limit = units;
        _words = new ulong[(units + WordBits - 1) / WordBits];
        if (units % WordBits != 0)
        {
            _words[^1] = ulong.MaxValue << (units % WordBits); // Beyond the end nothing is free.
        }
    }

    /// <summary>Units that there are.</summary>
    public int Length { get; }

    /// <summary>Units in use.</summary>
    public int Used { get; private set; }

    /// <summary>The first unit that has never been in use, nor any after it.</summary>
    public int HighWater { get; private set; }

    /// <summary>The first unit that may not be taken by <see cref="Take"/>.</summary>
    public int Limit { get; set; }

    /// <summary>Units that are free, in runs of any length.</summary>
    public int Free => Length - Used;

    /// <summary>What a run begins at a multiple of: whole blocks lie at multiples of their size, so
    /// that the page cache can keep them in one piece.</summary>
    /// <param name="count">The run's length in units.</param>
    /// <returns>A power of two.</returns>
    public static int AlignmentOf(int count) => Math.Min(count & -count, StoreGeometry.Alignment);

    /// <summary>Takes a run, if all of it is free.</summary>
    /// <param name="start">Its first unit.</param>
    /// <param name="count">How many.</param>
    /// <returns>False when a unit of it is in use, or outside.</returns>
    public bool TryTake(long start, int count)
    {
        if (start < 0 || start + count > Length || NextUsed((int)start, count) < start + count)
        {
            return false;
        }

        Occupy((int)start, count);
        return true;
    }

    /// <summary>Takes the lowest free run.</summary>
    /// <param name="count">Its length in units.</param>
    /// <returns>Its first unit; -1 when there is no such run.</returns>
    public int Take(int count)
    {
        int start = FindRun(_floor[count], count);
        if (start >= 0)
        {
            _floor[count] = start + count;
            Occupy(start, count);
        }

        return start;
    }

    /// <summary>Gives a run back.</summary>
    /// <param name="start">Its first unit.</param>
    /// <param name="count">Its length in units.</param>
    public void Return(int start, int count)
    {
        Fill(start, count, used: false);
        Used -= count;
        for (int length = 1; length < _floor.Length; length++)
        {
            // The run that is free now may begin before, but no further than its own length.
            _floor[length] = Math.Min(_floor[length], Math.Max(0, start - length));
        }
    }

    private void Occupy(int start, int count)
    {
        Fill(start, count, used: true);
        Used += count;
        HighWater = Math.Max(HighWater, start + count);
    }

    private int FindRun(int from, int count)
    {
        int alignment = AlignmentOf(count);
        int start = Align(NextFree(from), alignment);
        while (start >= 0 && start + count <= Limit)
        {
            int end = NextUsed(start, count);
            if (end - start >= count)
            {
                return start;
            }

            start = Align(NextFree(end), alignment);
        }

        return -1;
    }

    // No free unit, -1, stays what it is.
    private static int Align(int start, int alignment) =>
        start < 0 ? start : (start + alignment - 1) & -alignment;

    private int NextFree(int from)
    {
        int index = from / WordBits;
        if (index >= _words.Length)
        {
            return -1;
        }

        ulong free = ~_words[index] & (ulong.MaxValue << (from % WordBits));
        if (free == 0)
        {
            int step = _words.AsSpan(index + 1).IndexOfAnyExcept(ulong.MaxValue);
            if (step < 0)
            {
                return -1;
            }

            index += 1 + step;
            free = ~_words[index];
        }

        return (index * WordBits) + BitOperations.TrailingZeroCount(free);
    }

    // The first unit in use at or after a unit, looked for over a run; the run's end when there is
    // none.
    private int NextUsed(int from, int count)
    {
        int end = Math.Min(from + count, Length);
        for (int at = from; at < end; at = ((at / WordBits) + 1) * WordBits)
        {
            ulong used = _words[at / WordBits] & (ulong.MaxValue << (at % WordBits));
            if (used != 0)
            {
                int found = (at / WordBits * WordBits) + BitOperations.TrailingZeroCount(used);
                return Math.Min(found, end);
            }
        }

        return end;
    }

    private void Fill(int start, int count, bool used)
    {
        for (int at = start; at < start + count;)
        {
            int bits = Math.Min(WordBits - (at % WordBits), start + count - at);
            ulong mask = (ulong.MaxValue >> (WordBits - bits)) << (at % WordBits);
            _words[at / WordBits] = used
                ? _words[at / WordBits] | mask
                : _words[at / WordBits] & ~mask;
            at += bits;
        }
    }
}
