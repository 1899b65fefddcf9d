using VMSeed.Blocks.Opening;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Trust;
using VMSeed.Blocks.Trust.Freshness;
using HeadStore = VMSeed.Blocks.Publishing.Heads.HeadStore;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>The heads of a mirror: what may follow them, and how they are replaced.</summary>
/// <remarks>What readers refuse, a mirror refuses to serve: a lower version, the same version with
/// another content or an earlier signature. Expiry is the readers' matter. A head of the mirror
/// that is damaged holds nothing up: it is replaced.</remarks>
internal sealed class MirrorHeads(RepositoryFolder mirror, TimeProvider time)
{
    /// <summary>Refuses heads that would take the mirror back.</summary>
    /// <exception cref="BlockIOException">Refused: says which, and why.</exception>
    public void Check(IEnumerable<SyncHead> heads)
    {
        foreach (SyncHead head in heads)
        {
            Check(head);
        }
    }

    /// <summary>Writes heads, in their order.</summary>
    /// <returns>How many files were not there before as they are now.</returns>
    public async Task<int> WriteAsync(
        IEnumerable<SyncHead> heads, CancellationToken cancellationToken)
    {
        int written = 0;
        foreach (IGrouping<string, SyncHead> image in heads.GroupBy(head => head.Name))
        {
            // Another copy may have come further since the first check.
            using RepositoryLock own = await RepositoryLock
                .OwnHeadsAsync(mirror, image.Key, time, cancellationToken).ConfigureAwait(false);
            Check(image);
            written += image.Sum(Write);
        }

        return written;
    }

    private int Write(SyncHead head)
    {
        var store = new HeadStore(mirror, head.Name);
        int written = Write(store.VersionPath(head.Version), head.File.Span);
        return head.IsNewest
            ? written + Write(store.NewestPath, head.File.Span)
            : written;
    }

    private int Write(string path, ReadOnlySpan<byte> file)
    {
        if (File.Exists(path) && file.SequenceEqual(File.ReadAllBytes(path)))
        {
            return 0;
        }

        mirror.Write(path, file);
        mirror.FlushFolders();
        return 1;
    }

    private void Check(SyncHead head)
    {
        var store = new HeadStore(mirror, head.Name);
        string path = head.IsNewest ? store.NewestPath : store.VersionPath(head.Version);
        var request = new HeadRequest(head.Name, head.IsNewest ? null : head.Version);
        if (Read(head.Name, path) is { } present
            && HeadRules.FindFault(
                head.Content.Facts, request, present.Facts, DateTimeOffset.MinValue) is { } fault)
        {
            throw new BlockIOException(
                FailureReason.Refused,
                $"The source's head of {request} does not follow the mirror's, {path}: {fault}.")
            {
                ObjectName = path,
            };
        }
    }

    private static VerifiedHead? Read(string name, string path) =>
        new FileInfo(path) is { Exists: true, Length: <= SignedText.MaxFileSize }
            ? new HeadReader(name, path, "the mirror", TrustPolicy.Unsigned)
                .TryRead(File.ReadAllBytes(path))
            : null;
}
