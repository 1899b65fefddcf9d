using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Collecting;

/// <summary>Deletes files, or only counts them.</summary>
internal sealed class Sweeper(RepositoryFolder folder, CollectOptions options)
{
    private readonly DateTime _limit =
        (options.TimeProvider.GetUtcNow() - options.KeepObjectsFor).UtcDateTime;

    public long Bytes { get; private set; }

    /// <summary>Whether a file is older than objects are kept for.</summary>
    public bool IsOld(string path) => File.GetLastWriteTimeUtc(path) < _limit;

    /// <summary>Deletes files.</summary>
    /// <returns>How many there were.</returns>
    public int Delete(IEnumerable<string> paths)
    {
        int count = 0;
        foreach (string path in paths)
        {
            Bytes += new FileInfo(path).Length;
            count++;
            if (!options.DryRun)
            {
                File.Delete(path);
                folder.MarkChanged(Path.GetDirectoryName(path)!);
            }
        }

        folder.FlushFolders();
        return count;
    }

    /// <summary>The files that publishers left unfinished.</summary>
    public IEnumerable<string> Temporaries() =>
        new[] { folder.ObjectFolder, folder.PrivateFolder }
            .SelectMany(path => Directory.EnumerateFiles(path, ".*" + PendingFile.TemporarySuffix))
            .Where(IsOld)
            .ToArray();
}
