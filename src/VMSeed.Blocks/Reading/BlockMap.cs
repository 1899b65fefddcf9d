using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Says where blocks are, without fetching them.</summary>
internal sealed class BlockMap(ImageGeometry geometry, ImageIndex index, ReadContext context)
{
    /// <summary>What is known of a block without fetching it.</summary>
    public async ValueTask<ExtentKind> LocateAsync(long block, CancellationToken cancellation)
    {
        IndexLeaf leaf = await index
            .GetAsync(geometry.PageOf(block), ReadPurpose.Foreground, cancellation)
            .ConfigureAwait(false);
        int place = geometry.PlaceInPage(block);
        if (leaf.IsZeroBlock(place))
        {
            return ExtentKind.Zero;
        }

        if (leaf.Resident(place) is { IsLocal: true })
        {
            return ExtentKind.Data;
        }

        bool cached = context.Cache is { } cache
            && (await cache.FindAsync(
                    leaf.Table.Blocks[place].Digest, geometry.BlockLength(block), cancellation)
                .ConfigureAwait(false)).Exists;
        return cached ? ExtentKind.Data : ExtentKind.Absent;
    }

    /// <summary>Whether a whole leaf is zeros.</summary>
    public async ValueTask<bool> IsZeroLeafAsync(long leaf, CancellationToken cancellation) =>
        (await index.GetAsync(leaf, ReadPurpose.Foreground, cancellation).ConfigureAwait(false))
        .IsZero;
}
