using System.Collections.Concurrent;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>The index of an image, walked from the root as far down as somebody reads.</summary>
/// <remarks>
/// Pages above the leaves stay in memory: they are a thousandth of the leaves. Leaves are kept up
/// to a budget, and come back from the cache. One load per page for any number of readers; a load
/// belongs to the index, so a reader that gives up does not end it.
/// </remarks>
internal sealed class ImageIndex(
    ImageHead head, ImageGeometry geometry, ObjectLoader objects, long memoryBudget)
    : BlockIndex(geometry, memoryBudget), IAsyncDisposable
{
    private readonly ConcurrentDictionary<(int Level, long Page), ChildRecord[]> _branches = new();
    private readonly ConcurrentDictionary<(int Level, long Page), PageLoad> _loads = new();
    private readonly CancellationTokenSource _lifetime = new();
    private readonly IndexLeaf _zeros = new(-1, null);

    /// <inheritdoc/>
    public override async ValueTask<IndexLeaf> GetAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        if (TryGet(number) is { } kept)
        {
            return kept;
        }

        var page = new ChildRecord(head.Index.Digest, head.Index.Length);
        for (int level = Geometry.Levels - 1; level > 0; level--)
        {
            long at = PageAbove(number, level);
            if (!_branches.TryGetValue((level, at), out ChildRecord[]? children))
            {
                await LoadOnceAsync(level, at, page, purpose, cancellationToken)
                    .ConfigureAwait(false);
                children = _branches[(level, at)];
            }

            page = children[Geometry.PlaceInPage(PageAbove(number, level - 1))];
            if (page.IsZero)
            {
                return _zeros;
            }
        }

        return (await LoadOnceAsync(0, number, page, purpose, cancellationToken)
            .ConfigureAwait(false))!;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync().ConfigureAwait(false);
        foreach (PageLoad load in _loads.Values)
        {
            await ((Task)load.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _lifetime.Dispose();
    }

    // A page above says so. Such leaves are not kept: a map of a sparse disk would evict all
    // others.
    /// <inheritdoc/>
    protected override IndexLeaf? TryGetEmpty(long number)
    {
        for (int level = Geometry.Levels - 1; level > 0; level--)
        {
            if (!_branches.TryGetValue((level, PageAbove(number, level)), out var children))
            {
                return null;
            }

            if (children[Geometry.PlaceInPage(PageAbove(number, level - 1))].IsZero)
            {
                return _zeros;
            }
        }

        return null;
    }

    private long PageAbove(long leaf, int level)
    {
        for (; level > 0; level--)
        {
            leaf = Geometry.PageOf(leaf);
        }

        return leaf;
    }

    private async ValueTask<IndexLeaf?> LoadOnceAsync(
        int level,
        long number,
        ChildRecord page,
        ReadPurpose purpose,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            PageLoad load = _loads.GetOrAdd(
                (level, number),
                key => new PageLoad(purpose, () => LoadAsync(key.Level, key.Page, page, purpose)));
            try
            {
                return await load.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (BlockIOException) when (load.Purpose > purpose)
            {
                // A guess has failed, with a guess's patience; that says nothing about this read.
            }
        }
    }

    private async Task<IndexLeaf?> LoadAsync(
        int level, long number, ChildRecord page, ReadPurpose purpose)
    {
        try
        {
            // A load that ended while its caller was on the way here has kept the page.
            return level == 0 && TryGet(number) is { } leaf ? leaf
                : _branches.ContainsKey((level, number)) ? null
                : Take(level, number, page, await BringAsync(page, purpose).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_lifetime.IsCancellationRequested)
        {
            throw ReadContext.Disposed();
        }
        finally
        {
            _loads.TryRemove((level, number), out _);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> BringAsync(ChildRecord page, ReadPurpose purpose)
    {
        bool isInline = page.Digest == head.Index.Digest && !head.Index.Inline.IsEmpty;
        return isInline
            ? head.Index.Inline
            : await objects.LoadAsync(page.Digest, page.Length, purpose, _lifetime.Token)
                .ConfigureAwait(false);
    }

    private IndexLeaf? Take(
        int level, long number, ChildRecord page, ReadOnlyMemory<byte> stored)
    {
        try
        {
            byte[] plain = Envelope.Open(stored);
            if (level > 0)
            {
                _branches[(level, number)] =
                    IndexPage.ReadBranch(plain, Geometry, level, number);
                return null;
            }

            return Leaves.Keep(
                new IndexLeaf(number, IndexPage.ReadLeaf(plain, Geometry, number)));
        }
        catch (InvalidDataException exception)
        {
            string name = RepositoryPaths.Object(page.Digest);
            throw new BlockIOException(
                FailureReason.Corrupt,
                $"The index page {name} was published wrong: {exception.Message}",
                exception)
            {
                CanRetry = false,
                ObjectName = name,
            };
        }
    }
}
