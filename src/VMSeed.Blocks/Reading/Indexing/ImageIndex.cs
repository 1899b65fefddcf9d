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
internal sealed class ImageIndex : IAsyncDisposable
{
    // A leaf of 1,024 blocks costs some 140 KiB with what is noted of its blocks.
    private const int BytesPerEntry = 140;

    // Leaves that are found without a look into the table: 16 GiB of a disk that is read all over.
    private const int Recent = 256;

    private readonly ImageHead _head;
    private readonly ImageGeometry _geometry;
    private readonly ObjectLoader _objects;
    private readonly int _maxLeaves;
    private readonly ConcurrentDictionary<long, IndexLeaf> _leaves = new();
    private readonly ConcurrentQueue<IndexLeaf> _clock = new();
    private readonly ConcurrentDictionary<(int Level, long Page), ChildRecord[]> _branches = new();
    private readonly ConcurrentDictionary<(int Level, long Page), PageLoad> _loads = new();
    private readonly CancellationTokenSource _lifetime = new();
    private readonly IndexLeaf _zeros = new(-1, null);
    private readonly IndexLeaf?[] _recent = new IndexLeaf?[Recent];

    public ImageIndex(
        ImageHead head, ImageGeometry geometry, ObjectLoader objects, long memoryBudget)
    {
        _head = head;
        _geometry = geometry;
        _objects = objects;
        _maxLeaves = (int)Math.Clamp(
            memoryBudget / ((long)geometry.Fanout * BytesPerEntry), 4, int.MaxValue);
    }

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
            return LiesInZeros(number) ? _zeros : null;
        }

        if (!leaf.Visited)
        {
            leaf.Visited = true;
        }

        Volatile.Write(ref recent, leaf);
        return leaf;
    }

    /// <summary>The leaf, brought from wherever it is.</summary>
    /// <exception cref="BlockIOException">A page on the way to it cannot be had.</exception>
    public async ValueTask<IndexLeaf> GetAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        if (TryGet(number) is { } kept)
        {
            return kept;
        }

        var page = new ChildRecord(_head.Index.Digest, _head.Index.Length);
        for (int level = _geometry.Levels - 1; level > 0; level--)
        {
            long at = PageAbove(number, level);
            if (!_branches.TryGetValue((level, at), out ChildRecord[]? children))
            {
                await LoadOnceAsync(level, at, page, purpose, cancellationToken)
                    .ConfigureAwait(false);
                children = _branches[(level, at)];
            }

            page = children[_geometry.PlaceInPage(PageAbove(number, level - 1))];
            if (page.IsZero)
            {
                return _zeros;
            }
        }

        return (await LoadOnceAsync(0, number, page, purpose, cancellationToken)
            .ConfigureAwait(false))!;
    }

    /// <summary>The leaves of a run of blocks.</summary>
    /// <exception cref="BlockIOException">A page on the way to one cannot be had.</exception>
    public async ValueTask<IndexLeaf[]> GetLeavesAsync(
        long firstBlock, long lastBlock, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        long first = _geometry.PageOf(firstBlock);
        var leaves = new IndexLeaf[_geometry.PageOf(lastBlock) - first + 1];
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = await GetAsync(first + i, purpose, cancellationToken)
                .ConfigureAwait(false);
        }

        return leaves;
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
    private bool LiesInZeros(long number)
    {
        for (int level = _geometry.Levels - 1; level > 0; level--)
        {
            if (!_branches.TryGetValue((level, PageAbove(number, level)), out var children))
            {
                return false;
            }

            if (children[_geometry.PlaceInPage(PageAbove(number, level - 1))].IsZero)
            {
                return true;
            }
        }

        return false;
    }

    private long PageAbove(long leaf, int level)
    {
        for (; level > 0; level--)
        {
            leaf = _geometry.PageOf(leaf);
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
        bool isInline = page.Digest == _head.Index.Digest && !_head.Index.Inline.IsEmpty;
        return isInline
            ? _head.Index.Inline
            : await _objects.LoadAsync(page.Digest, page.Length, purpose, _lifetime.Token)
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
                    IndexPage.ReadBranch(plain, _geometry, level, number);
                return null;
            }

            var leaf = new IndexLeaf(number, IndexPage.ReadLeaf(plain, _geometry, number));
            Keep(leaf);
            return leaf;
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

    private void Keep(IndexLeaf leaf)
    {
        if (!_leaves.TryAdd(leaf.Number, leaf))
        {
            return;
        }

        _clock.Enqueue(leaf);
        for (int i = 0; _leaves.Count > _maxLeaves && i < 2 * _maxLeaves; i++)
        {
            if (_clock.TryDequeue(out IndexLeaf? oldest))
            {
                Pass(oldest);
            }
        }
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
