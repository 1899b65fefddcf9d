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
internal sealed class ImageIndex : IDisposable
{
    // A leaf of 1,024 blocks costs some 140 KiB with what is noted of its blocks.
    private const int BytesPerEntry = 140;

    private readonly ImageHead _head;
    private readonly ImageGeometry _geometry;
    private readonly ObjectLoader _objects;
    private readonly int _maxLeaves;
    private readonly ConcurrentDictionary<long, IndexLeaf> _leaves = new();
    private readonly ConcurrentQueue<IndexLeaf> _clock = new();
    private readonly ConcurrentDictionary<(int Level, long Page), ChildRecord[]> _branches = new();
    private readonly ConcurrentDictionary<(int Level, long Page), Lazy<Task>> _loads = new();
    private readonly CancellationTokenSource _lifetime = new();
    private IndexLeaf? _last;

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
        IndexLeaf? last = _last;
        if (last is not null && last.Number == number)
        {
            return last;
        }

        if (!_leaves.TryGetValue(number, out IndexLeaf? leaf))
        {
            return null;
        }

        if (!leaf.Visited)
        {
            leaf.Visited = true;
        }

        _last = leaf;
        return leaf;
    }

    /// <summary>The leaf, brought from wherever it is.</summary>
    /// <exception cref="BlockIOException">A page on the way to it cannot be had.</exception>
    public async ValueTask<IndexLeaf> GetAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryGet(number) is { } leaf)
            {
                return leaf;
            }

            if (await DescendAsync(number, purpose, cancellationToken)
                .ConfigureAwait(false) is { } zeros)
            {
                Keep(zeros);
                return zeros;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lifetime.Cancel();
        _lifetime.Dispose();
    }

    // Loads the leaf, or returns one of zeros where a page above says so.
    private async ValueTask<IndexLeaf?> DescendAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken)
    {
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
                return new IndexLeaf(number, null);
            }
        }

        await LoadOnceAsync(0, number, page, purpose, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private long PageAbove(long leaf, int level)
    {
        for (; level > 0; level--)
        {
            leaf = _geometry.PageOf(leaf);
        }

        return leaf;
    }

    private async Task LoadOnceAsync(
        int level,
        long number,
        ChildRecord page,
        ReadPurpose purpose,
        CancellationToken cancellationToken)
    {
        Lazy<Task> load = _loads.GetOrAdd(
            (level, number),
            key => new Lazy<Task>(() => LoadAsync(key.Level, key.Page, page, purpose)));
        try
        {
            await load.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (load.Value.IsCompleted)
            {
                _loads.TryRemove(KeyValuePair.Create((level, number), load));
            }
        }
    }

    private async Task LoadAsync(int level, long number, ChildRecord page, ReadPurpose purpose)
    {
        ReadOnlyMemory<byte> stored = _head.Index.Inline;
        if (stored.IsEmpty || page.Digest != _head.Index.Digest)
        {
            stored = await _objects
                .LoadAsync(page.Digest, page.Length, purpose, _lifetime.Token)
                .ConfigureAwait(false);
        }

        try
        {
            byte[] plain = Envelope.Open(stored);
            if (level > 0)
            {
                _branches[(level, number)] =
                    IndexPage.ReadBranch(plain, _geometry, level, number);
            }
            else
            {
                Keep(new IndexLeaf(number, IndexPage.ReadLeaf(plain, _geometry, number)));
            }
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
        }
    }
}
