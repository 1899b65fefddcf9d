using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Collecting;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing;

// What is reached is found before anything is deleted, and from heads and pages that are whole: of
// a page that is damaged nobody can say what it reached. Heads go before objects, so that no head
// ever stands for an object that was deleted; a crash in between leaves objects for the next
// collection.

/// <summary>Deletes old versions of images, and objects that no version needs.</summary>
public static class GarbageCollector
{
    /// <summary>Collects the garbage of a repository.</summary>
    /// <param name="repositoryPath">The repository's folder.</param>
    /// <param name="options">What is kept.</param>
    /// <param name="progress">Hears how many objects have been looked at.</param>
    /// <param name="cancellationToken">Gives up; what is deleted by then is what would have
    /// been.</param>
    /// <returns>What was deleted.</returns>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="InvalidDataException">A head or an index page is missing or damaged;
    /// nothing is deleted.</exception>
    /// <exception cref="IOException">Somebody publishes, or a file cannot be deleted.</exception>
    public static async Task<CollectResult> CollectAsync(
        string repositoryPath,
        CollectOptions? options = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new CollectOptions();
        options.Validate();
        var folder = RepositoryFolder.Open(repositoryPath, options.TimeProvider);
        using RepositoryLock own = await RepositoryLock
            .OwnAsync(folder, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        var heads = HeadSweep.Of(folder, options);
        HashSet<Digest> reached =
            await ReachAsync(folder, heads, options, cancellationToken).ConfigureAwait(false);

        var sweeper = new Sweeper(folder, options);
        int deletedHeads = sweeper.Delete(heads.Dropped);
        long seen = 0;
        IEnumerable<string> Garbage()
        {
            foreach (Digest digest in folder.Objects())
            {
                cancellationToken.ThrowIfCancellationRequested();
                seen++;
                progress?.Report(seen);
                string path = folder.LocateObject(digest);
                if (!reached.Contains(digest) && sweeper.IsOld(path))
                {
                    yield return path;
                }
            }
        }

        long deletedObjects = sweeper.Delete(Garbage());
        long temporaries = sweeper.Delete(sweeper.Temporaries());
        return new CollectResult
        {
            KeptHeads = heads.Kept.Select(head => (head.Name, head.Version)).Distinct().Count(),
            DeletedHeads = deletedHeads,
            KeptObjects = seen - deletedObjects,
            DeletedObjects = deletedObjects,
            DeletedTemporaries = temporaries,
            DeletedBytes = sweeper.Bytes,
        };
    }

    private static async Task<HashSet<Digest>> ReachAsync(
        RepositoryFolder folder,
        HeadSweep heads,
        CollectOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            return await ReachableObjects
                .FindAsync(folder.Root, heads.Kept, options.TimeProvider, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (BlockIOException fault)
        {
            throw new InvalidDataException(
                $"Nothing is deleted: {fault.Message} Without this index page nobody can tell "
                + "which objects are needed. Put it back from a mirror or a backup.",
                fault);
        }
    }
}
