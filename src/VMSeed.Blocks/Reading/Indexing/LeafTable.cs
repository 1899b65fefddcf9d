using System.Collections.Concurrent;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>The leaves in memory, up to a budget; which of them go is decided by a clock.</summary>
internal sealed class LeafTable
{
    // A leaf of 1,024 blocks costs some 140 KiB with what is noted of its blocks.
    private const int BytesPerEntry = 140;

    // Leaves that are found without a look into the table: 16 GiB of a disk that is read all over.
    private const int Recent = 256;

    private readonly int _maxLeaves;
    private readonly ConcurrentDictionary<long, IndexLeaf> _leaves = new();
    private readonly ConcurrentQueue<IndexLeaf> _clock = new();
    private readonly IndexLeaf?[] _recent = new IndexLeaf?[Recent];

    public LeafTable(int fanout, long memoryBudget) =>
        _maxLeaves = (int)Math.Clamp(
            memoryBudget / ((long)fanout * BytesPerEntry), 4, int.MaxValue);

    /// <summary>The leaf, when it is in memory.</summary>
    public IndexLeaf? TryGet(long number)
    {
        ref IndexLeaf? recent = ref _recent[number & (Recent - 1)];
        IndexLeaf? found = Volatile.Read(ref recent);
        if (found is not null && found.Number == number)
        {
            return found;
        }

        if (!_leaves.TryGetValue(number, out IndexLeaf? leaf))
        {
            return null;
        }

        if (!leaf.Visited)
        {
            leaf.Visited = true;
        }

        Volatile.Write(ref recent, leaf);
        return leaf;
    }

    /// <summary>Keeps a leaf, unless another has been kept in its place, and lets others
    /// go.</summary>
    /// <returns>The leaf that is kept.</returns>
    public IndexLeaf Keep(IndexLeaf leaf)
    {
        IndexLeaf kept = _leaves.GetOrAdd(leaf.Number, leaf);
        if (kept != leaf)
        {
            return kept;
        }

        _clock.Enqueue(leaf);
        for (int i = 0; _leaves.Count > _maxLeaves && i < 2 * _maxLeaves; i++)
        {
            if (_clock.TryDequeue(out IndexLeaf? oldest))
            {
                Pass(oldest);
            }
        }

        return leaf;
    }

    private void Pass(IndexLeaf oldest)
    {
        if (oldest.Visited)
        {
            oldest.Visited = false;
            _clock.Enqueue(oldest);
        }
        else
        {
            _leaves.TryRemove(oldest.Number, out _);
            Interlocked.CompareExchange(
                ref _recent[oldest.Number & (Recent - 1)], null, oldest);
        }
    }
}
