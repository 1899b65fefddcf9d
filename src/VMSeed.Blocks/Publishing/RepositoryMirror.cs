using System.Runtime.CompilerServices;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Mirroring;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Reading;

namespace VMSeed.Blocks.Publishing;

// The order in which a copy touches the mirror, which is the publisher's, so that readers of the
// mirror see the old version or the new one, whole, at every moment:
//
//   1. heads of the source are read, and held to what the mirror has: nothing goes back
//   2. index pages  as they are read: they name everything else
//   3. packs, profiles, boot files   under temporary names, hashed on the way, durable, renamed
//   4. folders      their entries are durable before anything names them
//   5. version heads, then the newest head of each image, last and by rename
//   6. what goes, goes after that
//
// A copy that is cut off anywhere is invisible, and the next one finds the objects that it brought
// by their names. 2 to 5 happen under the mirror's shared lock, as a publish does, so that a
// collection of garbage on the mirror cannot take an object that no head names yet. The source is
// only read, and not locked, for it may be on a read-only disk: a collection there that overlaps
// with a copy can take an old version away under it, and the copy fails and is to be run again.

/// <summary>Copies repositories onto mirrors: folders that a web server serves.</summary>
public static class RepositoryMirror
{
    /// <summary>Brings a mirror up to its source.</summary>
    /// <param name="source">A repository's folder; or the address or the path of one image's head,
    /// as <see cref="LazyDisk.OpenAsync(string, LazyDiskOptions?, CancellationToken)"/> takes it.
    /// Of a folder, every version is copied; of a web server, which lists nothing, the one that
    /// the address names.</param>
    /// <param name="mirrorPath">The mirror's folder; it is made where it does not exist. It may
    /// hold other images.</param>
    /// <param name="options">What is copied, and what goes.</param>
    /// <param name="progress">Hears how far it has come.</param>
    /// <param name="cancellationToken">Gives up; what has been copied by then is used by the next
    /// try.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="ArgumentException">The options are not valid, or source and mirror are one
    /// folder.</exception>
    /// <exception cref="FormatException">The source is no address of an image.</exception>
    /// <exception cref="BlockIOException">A head is refused, among them one that is older than the
    /// mirror's; or an object of the source is missing, corrupt or cannot be had. The mirror's
    /// readers see nothing of the copy.</exception>
    /// <exception cref="IOException">The mirror cannot be written, or is locked.</exception>
    public static async Task<SyncResult> SyncAsync(
        string source,
        string mirrorPath,
        SyncOptions? options = null,
        IProgress<SyncProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(mirrorPath);
        options ??= new SyncOptions();
        options.Validate();
        var origin = SyncSource.Open(source, options);
        await using ConfiguredAsyncDisposable closing = origin.ConfigureAwait(false);
        origin.RefuseSelf(mirrorPath);
        SyncResult result = await CopyAsync(
            origin, mirrorPath, options, progress, cancellationToken).ConfigureAwait(false);
        return options.Collect is null
            ? result
            : result with
            {
                Collected = await GarbageCollector.CollectAsync(
                    mirrorPath,
                    options.Collect with { IsPinned = origin.Has },
                    null,
                    cancellationToken).ConfigureAwait(false),
            };
    }

    private static async Task<SyncResult> CopyAsync(
        SyncSource origin,
        string mirrorPath,
        SyncOptions options,
        IProgress<SyncProgress>? progress,
        CancellationToken cancellationToken)
    {
        await origin.ReadHeadsAsync(cancellationToken).ConfigureAwait(false);
        var mirror = RepositoryFolder.Create(mirrorPath, options.TimeProvider);
        using RepositoryLock shared = await RepositoryLock
            .ShareAsync(mirror, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        var heads = new MirrorHeads(mirror, options.TimeProvider);
        heads.Check(origin.Heads);

        var tally = new SyncTally(progress);
        var policy = ReadPolicy.Until(options.ReadDeadline);
        var survey = new ObjectSurvey(origin.Objects, mirror, policy, options.TimeProvider, tally);
        IReadOnlyCollection<NeededObject> needed = await survey
            .FindAsync(origin.Heads, cancellationToken).ConfigureAwait(false);
        var copier = new ObjectCopier(
            origin.Objects, mirror, policy, options.TimeProvider, options.VerifyPresent);
        tally.Expect(needed);
        await copier.CopyAllAsync(needed, tally, cancellationToken).ConfigureAwait(false);
        mirror.FlushFolders();
        int written = await heads
            .WriteAsync(origin.Heads, cancellationToken).ConfigureAwait(false);
        return tally.Result() with { Images = origin.Images, NewHeads = written };
    }
}
