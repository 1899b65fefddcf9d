using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Deduplication;

namespace VMSeed.Blocks.Publishing.Indexing;

/// <summary>A leaf that is being filled, or waits for its packs to be closed and so to have a
/// name.</summary>
internal sealed class LeafBuilder(long leaf, int entries)
{
    private readonly List<Entry> _blocks = [];

    public long Leaf => leaf;

    /// <summary>The highest number of a pack in it: packs are closed in order.</summary>
    public int NewestPack { get; private set; } = -1;

    /// <summary>Enters a block; the ones that are skipped are zeros.</summary>
    public void Add(int entry, Digest digest, in FrameRecord frame, int place)
    {
        _blocks.Add(new Entry(entry, digest, frame, place));
        NewestPack = Math.Max(NewestPack, frame.Pack);
    }

    /// <summary>The page's bytes.</summary>
    public byte[] Write(BlockTable table, int fanout)
    {
        var frames = new FrameTableBuilder();
        foreach (Entry block in _blocks)
        {
            AddZeros(frames, block.Index);
            frames.Add(
                block.Digest, new(table.Pack(block.Frame.Pack), block.Frame, block.Place));
        }

        AddZeros(frames, entries);
        return IndexPage.WriteLeaf(leaf * fanout, frames.Build());
    }

    private static void AddZeros(FrameTableBuilder frames, int end)
    {
        while (frames.Count < end)
        {
            frames.AddZero();
        }
    }

    private readonly record struct Entry(int Index, Digest Digest, FrameRecord Frame, int Place);
}
