using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Collecting;

/// <summary>Decides which heads of a repository are kept.</summary>
/// <param name="Kept">The heads whose objects are kept.</param>
/// <param name="Dropped">The files of the heads that are not.</param>
internal sealed record HeadSweep(IReadOnlyList<ImageHead> Kept, IReadOnlyList<string> Dropped)
{
    /// <summary>Reads every head of the repository.</summary>
    /// <exception cref="InvalidDataException">A head is damaged: nobody can tell what it
    /// reaches.</exception>
    public static HeadSweep Of(RepositoryFolder folder, CollectOptions options)
    {
        var kept = new List<ImageHead>();
        var dropped = new List<string>();
        foreach (string name in Names(folder))
        {
            Sweep(new HeadStore(folder, name), options, kept, dropped);
        }

        return new HeadSweep(kept, dropped);
    }

    private static void Sweep(
        HeadStore heads, CollectOptions options, List<ImageHead> kept, List<string> dropped)
    {
        ImageHead? newest = heads.ReadNewest();
        if (newest is not null)
        {
            kept.Add(newest);
        }

        DateTimeOffset limit = options.TimeProvider.GetUtcNow() - options.KeepHeadsFor;
        IReadOnlyList<long> versions = heads.Versions();
        for (int i = 0; i < versions.Count; i++)
        {
            string path = heads.VersionPath(versions[i]);
            ImageHead head = heads.Read(path).Head;
            if (head.Version != versions[i])
            {
                throw new InvalidDataException($"The head {path} is of version {head.Version}.");
            }

            bool isKept = i >= versions.Count - options.KeepVersions
                || head.Created > limit || head.Version == newest?.Version
                || options.IsPinned?.Invoke(head.Name, head.Version) == true;
            if (isKept)
            {
                kept.Add(head);
            }
            else
            {
                dropped.Add(path);
            }
        }
    }

    // An image is known by its newest head, or by its folder of versions where that head is gone.
    private static string[] Names(RepositoryFolder folder) =>
        Directory.EnumerateFiles(folder.ImageFolder, "*" + RepositoryPaths.HeadSuffix)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Concat(Directory.EnumerateDirectories(folder.ImageFolder)
                .Select(path => Path.GetFileName(path)))
            .Where(name => RepositoryPaths.IsImageName(name))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
}
