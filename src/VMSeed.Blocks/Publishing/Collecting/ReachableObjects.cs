using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Verification;

namespace VMSeed.Blocks.Publishing.Collecting;

/// <summary>Finds every object that some heads reach.</summary>
internal static class ReachableObjects
{
    // A local folder answers at once or not at all.
    private static readonly ReadPolicy _oneTry =
        new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Walks the indexes. A page that versions share is read once.</summary>
    /// <exception cref="BlockIOException">An index page is missing or damaged.</exception>
    public static async Task<HashSet<Digest>> FindAsync(
        string root,
        IReadOnlyList<ImageHead> heads,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        HashSet<Digest> reached = [];
        var source = new FolderObjectSource(root);
        await using ConfiguredAsyncDisposable closing = source.ConfigureAwait(false);
        var objects = new ObjectFetcher(source, _oneTry, time);
        foreach (ImageHead head in heads)
        {
            AddReferences(head, reached);
            var walker = new IndexWalker(head, objects) { Enter = reached.Add };
            await foreach (WalkedLeaf leaf in walker
                .LeavesAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (PackRecord pack in leaf.Table.Packs)
                {
                    reached.Add(pack.Digest);
                }
            }
        }

        return reached;
    }

    private static void AddReferences(ImageHead head, HashSet<Digest> reached)
    {
        foreach (BootFile file in head.Boot?.Files ?? [])
        {
            reached.Add(file.Digest);
        }

        if (head.Profile is { } profile)
        {
            reached.Add(profile.Digest);
        }

        if (head.KeyRotation is { } rotation)
        {
            reached.Add(rotation);
        }
    }
}
