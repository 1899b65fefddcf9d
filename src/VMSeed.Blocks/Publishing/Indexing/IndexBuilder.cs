using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Deduplication;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Indexing;

/// <summary>Builds the tree of index pages from the blocks of a disk, in the disk's
/// order.</summary>
/// <remarks>
/// A leaf names packs by their digests, which are known when they are closed: full leaves wait in a
/// queue until then, in memory that follows the data of one pack. Equal content makes equal pages:
/// what did not change since the last version is found in the repository and stored once.
/// </remarks>
internal sealed class IndexBuilder(ImageGeometry geometry, BlockTable table, ObjectWriter objects)
    : IDisposable
{
    // Fixed, whatever the frames' codec: a page's bytes must follow from its content alone. Two
    // thirds of a page are digests, which no level makes smaller.
    private const int PageLevel = 3;

    private readonly FrameEncoder _encoder = new(FrameCodec.Zstd, PageLevel);
    private readonly Queue<LeafBuilder> _waiting = [];
    private readonly BranchBuilder[] _branches =
        [.. Enumerable.Range(1, geometry.Levels - 1).Select(l => new BranchBuilder(geometry, l))];

    private LeafBuilder? _leaf;
    private ChildRecord _root;
    private byte[] _rootObject = [];

    /// <summary>Enters a block that is not zero, after all that lie before it.</summary>
    public void Add(long block, Digest digest, BlockPlace place)
    {
        (long leaf, long entry) = Math.DivRem(block, geometry.Fanout);
        if (_leaf?.Leaf != leaf)
        {
            Begin(leaf);
        }

        _leaf!.Add((int)entry, digest, table.Frame(place.Frame), place.Offset);
    }

    /// <summary>Stores the leaves whose packs are closed.</summary>
    public async ValueTask SealAsync(CancellationToken cancellationToken)
    {
        while (_waiting.TryPeek(out LeafBuilder? leaf)
            && (leaf.NewestPack < 0 || table.IsClosed(leaf.NewestPack)))
        {
            _waiting.Dequeue();
            byte[] page = leaf.Write(table, geometry.Fanout);
            await StoreAsync(page, 0, leaf.Leaf, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores what is left, when all packs are closed.</summary>
    /// <returns>The root, with its object in it where that is small.</returns>
    public async ValueTask<IndexRoot> FinishAsync(CancellationToken cancellationToken)
    {
        if (_leaf is null && geometry.Levels == 1)
        {
            Begin(0);
        }

        Begin(-1);
        await SealAsync(cancellationToken).ConfigureAwait(false);
        for (int level = 1; level < geometry.Levels; level++)
        {
            BranchBuilder branch = _branches[level - 1];
            if (branch.Page < 0 && level == geometry.Levels - 1)
            {
                branch.Begin(0);
            }

            await FlushAsync(branch, level, cancellationToken).ConfigureAwait(false);
        }

        return new IndexRoot(geometry.Levels, geometry.Fanout, _root.Digest, _root.Length)
        {
            Inline = _rootObject.Length <= HeadJson.MaxInlineLength ? _rootObject : default,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    private void Begin(long leaf)
    {
        if (_leaf is not null)
        {
            _waiting.Enqueue(_leaf);
        }

        _leaf = leaf < 0 ? null : new LeafBuilder(leaf, geometry.EntriesOfPage(0, leaf));
    }

    private async ValueTask StoreAsync(
        byte[] page, int level, long number, CancellationToken cancellationToken)
    {
        byte[] content = Envelope.Seal(page, _encoder);
        Digest digest = await objects.PutAsync(content, cancellationToken).ConfigureAwait(false);
        var record = new ChildRecord(digest, content.Length);
        if (level == geometry.Levels - 1)
        {
            _root = record;
            _rootObject = content;
            return;
        }

        BranchBuilder parent = _branches[level];
        long parentPage = number / geometry.Fanout;
        if (parent.Page != parentPage)
        {
            await FlushAsync(parent, level + 1, cancellationToken).ConfigureAwait(false);
            parent.Begin(parentPage);
        }

        parent.Set(number, record);
    }

    private ValueTask FlushAsync(
        BranchBuilder branch, int level, CancellationToken cancellationToken) =>
        branch.Page < 0
            ? default
            : StoreAsync(branch.Write(), level, branch.Page, cancellationToken);
}
