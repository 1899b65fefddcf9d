using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Tests.Converting;

/// <summary>A device that counts what is asked of it, and can be told to wait or to fail.</summary>
internal sealed class WatchedDevice(BlockDevice inner) : BlockDevice
{
    private readonly Lock _gate = new();

    public List<(long Offset, int Length)> Reads { get; } = [];

    public List<(long Offset, int Length)> Writes { get; } = [];

    public List<(long Offset, long Length)> Zeros { get; } = [];

    public int Flushes { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Called before each read; the read goes on when its task is done.</summary>
    public Func<long, Task> BeforeRead { get; init; } = _ => Task.CompletedTask;

    /// <summary>Called with the number of each flush, the first being 1; it goes on when its task
    /// is done.</summary>
    public Func<int, Task> BeforeFlush { get; init; } = _ => Task.CompletedTask;

    public override long Length => inner.Length;

    public override bool CanWrite => inner.CanWrite;

    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await BeforeFlush(++Flushes).WaitAsync(cancellationToken);
        await inner.FlushAsync(cancellationToken);
    }

    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        inner.SetLengthAsync(length, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return base.DisposeAsync();
    }

    protected override async ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Reads.Add((offset, buffer.Length));
        }

        await BeforeRead(offset).WaitAsync(cancellationToken);
        await inner.ReadAsync(offset, buffer, cancellationToken);
    }

    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Writes.Add((offset, data.Length));
        }

        return inner.WriteAsync(offset, data, cancellationToken);
    }

    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Zeros.Add((offset, length));
        }

        return inner.ZeroAsync(offset, length, cancellationToken);
    }

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        inner.MapAsync(offset, length, cancellationToken);
}
