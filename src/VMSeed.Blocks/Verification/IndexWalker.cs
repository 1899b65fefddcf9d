using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Verification;

/// <summary>Visits every leaf of an image's index, in the order of the disk.</summary>
internal sealed class IndexWalker
{
    private readonly ImageHead _head;
    private readonly ObjectFetcher _objects;

    public IndexWalker(ImageHead head, ObjectFetcher objects)
    {
        _head = head;
        _objects = objects;
        Geometry = new ImageGeometry(head.Disk.Length, head.Disk.BlockSize, head.Index.Fanout);
    }

    public ImageGeometry Geometry { get; }

    /// <summary>Asked of every page before it is read; false passes its subtree over.</summary>
    public Func<Digest, bool> Enter { get; init; } = _ => true;

    /// <summary>Given each page's bytes, which are right, before the pages below it are
    /// read.</summary>
    public Func<byte[], CancellationToken, ValueTask>? Page { get; init; }

    /// <summary>Told of a page that cannot be had, whose subtree is then passed over; by default it
    /// is thrown.</summary>
    public Action<BlockIOException>? Fault { get; init; }

    /// <summary>The leaves that are not zeros altogether.</summary>
    public async IAsyncEnumerable<WalkedLeaf> LeavesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = new Stack<Place>();
        pages.Push(new Place(
            new ChildRecord(_head.Index.Digest, _head.Index.Length), _head.Index.Levels - 1, 0));
        while (pages.TryPop(out Place page))
        {
            if (!Enter(page.Record.Digest))
            {
                continue;
            }

            object? content =
                await ReadAsync(page, cancellationToken).ConfigureAwait(false);
            if (content is FrameTable table)
            {
                yield return new WalkedLeaf(page.Number, table);
            }
            else if (content is ChildRecord[] children)
            {
                PushChildren(pages, page, children);
            }
        }
    }

    private void PushChildren(Stack<Place> pages, Place page, ChildRecord[] children)
    {
        for (int i = children.Length - 1; i >= 0; i--)
        {
            if (!children[i].IsZero)
            {
                pages.Push(new(children[i], page.Level - 1, (page.Number * Geometry.Fanout) + i));
            }
        }
    }

    private async Task<object?> ReadAsync(Place page, CancellationToken cancellationToken)
    {
        try
        {
            (byte[] stored, object content) = await _objects.ReadAsync(
                page.Record.Digest,
                page.Record.Length,
                bytes => (bytes, Parse(page, bytes)),
                cancellationToken).ConfigureAwait(false);
            if (Page is not null)
            {
                await Page(stored, cancellationToken).ConfigureAwait(false);
            }

            return content;
        }
        catch (BlockIOException fault) when (Fault is not null)
        {
            Fault(fault);
            return null;
        }
    }

    private object Parse(in Place page, byte[] bytes) => page.Level == 0
        ? IndexPage.ReadLeaf(Envelope.Open(bytes), Geometry, page.Number)
        : IndexPage.ReadBranch(Envelope.Open(bytes), Geometry, page.Level, page.Number);

    private readonly record struct Place(ChildRecord Record, int Level, long Number);
}
