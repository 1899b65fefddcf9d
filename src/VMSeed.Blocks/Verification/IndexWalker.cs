using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Verification;

/// <summary>Visits every leaf of an image's index, in the order of the disk.</summary>
internal sealed class IndexWalker
{
    // Hides the round trip to a far server: a page is small, and a walk of one page after the other
    // would wait for most of its time.
    private const int InFlight = 8;

    private readonly ImageHead _head;
    private readonly ObjectFetcher _objects;

    public IndexWalker(ImageHead head, ObjectFetcher objects)
    {
        _head = head;
        _objects = objects;
        Geometry = new ImageGeometry(head.Disk.Length, head.Disk.BlockSize, head.Index.Fanout);
    }

    public ImageGeometry Geometry { get; }

    /// <summary>Asked of every page once, before it is read; false passes its subtree
    /// over.</summary>
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
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Step> steps = [new(new Place(
            new ChildRecord(_head.Index.Digest, _head.Index.Length), _head.Index.Levels - 1, 0))];
        try
        {
            while (steps.Count > 0)
            {
                BeginNext(steps, stop.Token);
                Step step = steps[^1];
                steps.RemoveAt(steps.Count - 1);
                object? content = step.Reading is { } reading
                    ? await TakeAsync(reading, cancellationToken).ConfigureAwait(false)
                    : null;
                if (content is FrameTable table)
                {
                    yield return new WalkedLeaf(step.Page.Number, table);
                }
                else if (content is ChildRecord[] children)
                {
                    Push(steps, step.Page, children);
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(steps.Select(step => step.Reading ?? Task.CompletedTask))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The pages that come next are read at once; they are taken, told of and gone below in the
    // order of the disk all the same.
    private void BeginNext(List<Step> steps, CancellationToken cancellationToken)
    {
        for (int i = steps.Count - 1; i >= Math.Max(steps.Count - InFlight, 0); i--)
        {
            if (!steps[i].IsBegun)
            {
                steps[i] = steps[i] with
                {
                    IsBegun = true,
                    Reading = Enter(steps[i].Page.Record.Digest)
                        ? ReadAsync(steps[i].Page, cancellationToken)
                        : null,
                };
            }
        }
    }

    private void Push(List<Step> steps, in Place page, ChildRecord[] children)
    {
        for (int i = children.Length - 1; i >= 0; i--)
        {
            if (!children[i].IsZero)
            {
                steps.Add(new(new Place(
                    children[i], page.Level - 1, (page.Number * Geometry.Fanout) + i)));
            }
        }
    }

    private Task<ReadPage> ReadAsync(Place page, CancellationToken cancellationToken) =>
        _objects.ReadAsync(
            page.Record.Digest,
            page.Record.Length,
            bytes => new ReadPage(bytes, Parse(page, bytes)),
            cancellationToken);

    private async Task<object?> TakeAsync(
        Task<ReadPage> reading, CancellationToken cancellationToken)
    {
        try
        {
            ReadPage page = await reading.ConfigureAwait(false);
            if (Page is not null)
            {
                await Page(page.Stored, cancellationToken).ConfigureAwait(false);
            }

            return page.Content;
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

    private readonly record struct Step(Place Page, bool IsBegun, Task<ReadPage>? Reading)
    {
        public Step(Place page)
            : this(page, false, null)
        {
        }
    }

    private sealed record ReadPage(byte[] Stored, object Content);
}
