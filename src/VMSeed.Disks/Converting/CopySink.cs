namespace VMSeed.Disks.Converting;

/// <summary>Where a copy goes.</summary>
internal abstract class CopySink : IAsyncDisposable
{
    /// <summary>What file systems and most formats keep holes in.</summary>
    protected const int Page = 4096;

    /// <summary>Whether pieces must come in order, one at a time; otherwise in any, and several at
    /// once.</summary>
    public abstract bool IsOrdered { get; }

    /// <summary>What pieces are aligned to, in bytes: a power of two.</summary>
    public virtual int Align => Page;

    /// <summary>Writes data, which may well be zeros.</summary>
    public abstract ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Writes zeros.</summary>
    public abstract ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken);

    /// <summary>The copy is whole: makes it durable, or known.</summary>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    public virtual ValueTask DisposeAsync() => default;
}
