namespace VMSeed.Blocks.Sources;

/// <summary>A place that holds the files of a repository: a web server, a folder.</summary>
/// <remarks>One call is one try. What comes back has the asked length and is otherwise hostile:
/// whoever
/// asks checks digests, and decides on retries by <see
/// cref="Primitives.BlockIOException.CanRetry"/>.
/// </remarks>
internal abstract class ObjectSource : IAsyncDisposable
{
    /// <summary>Asks for a range of a file.</summary>
    /// <param name="request">Which.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The body, to be disposed of.</returns>
    /// <exception cref="Primitives.BlockIOException">Every failure but cancellation.</exception>
    public abstract ValueTask<ObjectBody> OpenAsync(
        ObjectRequest request, CancellationToken cancellationToken);

    /// <summary>Reads a whole file of unknown size: heads.</summary>
    /// <param name="path">The file, relative to the repository's root.</param>
    /// <param name="limit">The size in bytes beyond which it is refused.</param>
    /// <param name="check">Judges the file: see <see cref="Http.HttpSourceKeys.Check"/>; null where
    /// nothing can be said of it.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The file's bytes.</returns>
    /// <exception cref="Primitives.BlockIOException">Every failure but cancellation.</exception>
    public abstract ValueTask<byte[]> ReadWholeAsync(
        string path,
        int limit,
        Func<ReadOnlyMemory<byte>, bool?>? check,
        CancellationToken cancellationToken);

    /// <summary>Takes note of where else the repository is, by a head that has been
    /// believed.</summary>
    /// <param name="mirrors">Roots of equal repositories.</param>
    public virtual void UseMirrors(IReadOnlyList<Uri> mirrors)
    {
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
