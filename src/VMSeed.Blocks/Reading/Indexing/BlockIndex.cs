using VMSeed.Blocks.Images;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>Where each block of an image lies and what it is called, in leaves of a few hundred or
/// thousand.</summary>
internal abstract class BlockIndex(ImageGeometry geometry, long memoryBudget)
{
    protected ImageGeometry Geometry => geometry;

    /// <summary>The leaves in memory.</summary>
    protected LeafTable Leaves { get; } = new(geometry.Fanout, memoryBudget);

    /// <summary>The leaf, when it is in memory.</summary>
    public IndexLeaf? TryGet(long number) => Leaves.TryGet(number) ?? TryGetEmpty(number);

    /// <summary>The leaf, brought from wherever it is.</summary>
    /// <exception cref="Primitives.BlockIOException">A page on the way to it cannot be
    /// had.</exception>
    public abstract ValueTask<IndexLeaf> GetAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken);

    /// <summary>The leaves of a run of blocks.</summary>
    /// <exception cref="Primitives.BlockIOException">A page on the way to one cannot be
    /// had.</exception>
    public async ValueTask<IndexLeaf[]> GetLeavesAsync(
        long firstBlock, long lastBlock, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        long first = geometry.PageOf(firstBlock);
        var leaves = new IndexLeaf[geometry.PageOf(lastBlock) - first + 1];
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = await GetAsync(first + i, purpose, cancellationToken)
                .ConfigureAwait(false);
        }

        return leaves;
    }

    /// <summary>The leaf, when it is known to be zeros; such leaves are not kept.</summary>
    protected virtual IndexLeaf? TryGetEmpty(long number) => null;
}
