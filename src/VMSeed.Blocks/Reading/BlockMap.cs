using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Says where blocks are, without fetching them.</summary>
internal sealed class BlockMap(ImageGeometry geometry, BlockIndex index, ReadContext context)
{
    /// <summary>What lies at an offset, and how far that is known.</summary>
    /// <exception cref="BlockIOException">An index page cannot be had.</exception>
    public async ValueTask<Extent> MapAsync(
        long offset, long length, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        long block = geometry.BlockAt(offset);
        long page = geometry.PageOf(block);
        IndexLeaf leaf = await index
            .GetAsync(page, ReadPurpose.Foreground, cancellation).ConfigureAwait(false);
        if (leaf.IsZero)
        {
            return Clip(offset, length, (page + 1) * geometry.Fanout, ExtentKind.Zero);
        }

        ExtentKind kind = await LocateAsync(leaf, block, cancellation).ConfigureAwait(false);
        return Clip(offset, length, block + 1, kind);
    }

    /// <summary>The digest of a range that is one block.</summary>
    /// <returns>Null for any other range, and for a block of zeros.</returns>
    /// <exception cref="BlockIOException">An index page cannot be had.</exception>
    public async ValueTask<Digest?> FindDigestAsync(
        long offset, int length, CancellationToken cancellation)
    {
        long block = geometry.BlockAt(offset);
        if (geometry.PlaceInBlock(offset) != 0 || length != geometry.BlockLength(block))
        {
            return null;
        }

        IndexLeaf leaf = await index
            .GetAsync(geometry.PageOf(block), ReadPurpose.Foreground, cancellation)
            .ConfigureAwait(false);
        int place = geometry.PlaceInPage(block);
        return leaf.IsZero || leaf.IsZeroBlock(place) ? null : leaf.Table.Blocks[place].Digest;
    }

    private async ValueTask<ExtentKind> LocateAsync(
        IndexLeaf leaf, long block, CancellationToken cancellation)
    {
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
                    leaf.Table.Blocks[place].Digest,
                    geometry.BlockLength(block) + context.Proof.TrailerLength,
                    cancellation)
                .ConfigureAwait(false)).Exists;
        return cached ? ExtentKind.Data : ExtentKind.Absent;
    }

    private Extent Clip(long offset, long length, long endBlock, ExtentKind kind) =>
        new(offset, Math.Min(length, geometry.OffsetOf(endBlock) - offset), kind);
}
