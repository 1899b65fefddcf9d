namespace VMSeed.Tool.Copying;

/// <summary>Where a copy goes. Ranges come in order, without gaps, one at a time.</summary>
internal abstract class CopyTarget : IAsyncDisposable
{
    public abstract ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    public abstract ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken);

    /// <summary>The copy is whole: what was written becomes visible under its name.</summary>
    public virtual ValueTask CompleteAsync(CancellationToken cancellationToken) => default;

    public virtual ValueTask DisposeAsync() => default;
}
