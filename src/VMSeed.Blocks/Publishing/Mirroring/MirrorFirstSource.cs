using VMSeed.Blocks.Publishing.Repositories;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>Objects from the mirror where it has them, else from the source; what the mirror has
/// wrong, from the source at the second try.</summary>
/// <param name="mirror">Asked first.</param>
/// <param name="source">Asked for the rest; the caller's.</param>
internal sealed class MirrorFirstSource(RepositoryFolder mirror, ObjectSource source)
    : ObjectSource
{
    private readonly FolderObjectSource _mirror = new(mirror.Root);

    /// <inheritdoc/>
    public override ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken)
    {
        bool isThere = !request.PastCaches
            && new FileInfo(mirror.Locate(request.Path)) is { Exists: true } file
            && file.Length == request.ObjectLength;
        return (isThere ? _mirror : source).OpenAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask<byte[]> ReadWholeAsync(
        string path,
        int limit,
        Func<ReadOnlyMemory<byte>, bool?>? check,
        CancellationToken cancellationToken) =>
        source.ReadWholeAsync(path, limit, check, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _mirror.DisposeAsync();

    /// <inheritdoc/>
    public override string ToString() => source.ToString()!;
}
