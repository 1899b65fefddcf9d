using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Reading;
using VMSeed.Blocks.Sources;
using VMSeed.Blocks.Verification;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>Finds every object that heads reach, and brings the index pages on the way.</summary>
/// <remarks>Pages that the mirror has are read there, and held to their names as all others: a
/// second copy costs the source no page. What versions share is visited once.</remarks>
internal sealed class ObjectSurvey
{
    // No content is defined for it; a list of keys has a few KiB.
    private const int MaxKeyRotation = 64 * 1024;

    private readonly ObjectSource _source;
    private readonly RepositoryFolder _mirror;
    private readonly ObjectFetcher _fetcher;
    private readonly SyncTally _tally;
    private readonly HashSet<Digest> _pages = [];
    private readonly Dictionary<Digest, long> _needed = [];

    public ObjectSurvey(
        ObjectSource source,
        RepositoryFolder mirror,
        ReadPolicy policy,
        TimeProvider time,
        SyncTally tally)
    {
        (_source, _mirror, _tally) = (source, mirror, tally);
        _fetcher = new ObjectFetcher(new MirrorFirstSource(mirror, source), policy, time);
    }

    /// <summary>Visits every page.</summary>
    /// <returns>What else is needed.</returns>
    /// <exception cref="BlockIOException">A page cannot be had.</exception>
    public async Task<IReadOnlyCollection<NeededObject>> FindAsync(
        IEnumerable<SyncHead> heads, CancellationToken cancellationToken)
    {
        var writer = new ObjectWriter(_mirror);
        await using ConfiguredAsyncDisposable closing = writer.ConfigureAwait(false);
        foreach (SyncHead head in heads)
        {
            await VisitAsync(head.Content.Head, writer, cancellationToken).ConfigureAwait(false);
        }

        await writer.FlushAsync().ConfigureAwait(false);
        return [.. _needed.Select(item => new NeededObject(item.Key, item.Value))];
    }

    private async Task VisitAsync(
        ImageHead head, ObjectWriter writer, CancellationToken cancellationToken)
    {
        var walker = new IndexWalker(head, _fetcher)
        {
            Enter = _pages.Add,
            Page = (page, token) => KeepAsync(page, writer, token),
        };
        await foreach (WalkedLeaf leaf in walker
            .LeavesAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (PackRecord pack in leaf.Table.Packs)
            {
                _needed[pack.Digest] = pack.Length;
            }
        }

        if (head.Profile is { } profile)
        {
            _needed[profile.Digest] = profile.Length;
        }

        foreach (BootFile file in head.Boot?.Files ?? [])
        {
            _needed[file.Digest] = file.Length;
        }

        if (head.KeyRotation is { } rotation && _pages.Add(rotation))
        {
            // The one object whose length no head tells.
            byte[] content = await _source.ReadWholeAsync(
                RepositoryPaths.Object(rotation),
                MaxKeyRotation,
                bytes => Digest.Of(bytes.Span) == rotation,
                cancellationToken).ConfigureAwait(false);
            Require(Digest.Of(content) == rotation, rotation);
            await KeepAsync(content, writer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask KeepAsync(
        byte[] content, ObjectWriter writer, CancellationToken cancellationToken)
    {
        bool isThere = _mirror.TryRenew(_mirror.LocateObject(Digest.Of(content)), content);
        if (!isThere)
        {
            await writer.PutAsync(content, cancellationToken).ConfigureAwait(false);
        }

        _tally.Add(content.Length, wasCopied: !isThere);
    }

    private static void Require(bool isRight, Digest digest)
    {
        if (!isRight)
        {
            string path = RepositoryPaths.Object(digest);
            throw new BlockIOException(
                FailureReason.Corrupt, $"{path} is damaged: its bytes are not those of its name.")
            {
                ObjectName = path,
            };
        }
    }
}
