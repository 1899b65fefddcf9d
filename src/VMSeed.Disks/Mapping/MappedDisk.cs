using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Mapping;

/// <summary>The one loop that reads every format: asks the map, and fetches from where it
/// points.</summary>
/// <remarks>To be derived from by the disk that can also be written.</remarks>
internal class MappedDisk : BlockDevice
{
    private readonly DiskMap _map;
    private readonly TransferEpochs? _epochs;
    private volatile bool _disposed;

    /// <summary>A disk over its map.</summary>
    /// <param name="map">The map, which becomes the disk's.</param>
    /// <param name="parent">What lies below; stays the caller's. Null: zeros.</param>
    /// <param name="epochs">Where space of the file is used again: what transfers enter.</param>
    public MappedDisk(DiskMap map, BlockDevice? parent, TransferEpochs? epochs = null)
    {
        _map = map;
        _epochs = epochs;
        Parent = parent;
        Units = new UnpackedUnits(map);
    }

    /// <inheritdoc/>
    public override long Length => _map.Length;

    protected BlockDevice? Parent { get; }

    protected UnpackedUnits Units { get; }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await CloseAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected virtual ValueTask CloseAsync() => _map.DisposeAsync();

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (_epochs is null)
        {
            return StartRead(offset, buffer, cancellationToken);
        }

        int epoch = _epochs.Enter();
        ValueTask read;
        try
        {
            read = StartRead(offset, buffer, cancellationToken);
        }
        catch
        {
            _epochs.Leave(epoch);
            throw;
        }

        if (!read.IsCompleted)
        {
            return EndAsync(read, epoch);
        }

        _epochs.Leave(epoch);
        return read;
    }

    /// <summary>What lies at an offset, and whether the image itself has it or its
    /// parents.</summary>
    internal async ValueTask<(Extent Extent, bool IsOwn)> MapOwnAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        Run run = await _map.MapAsync(offset, length, cancellationToken).ConfigureAwait(false);
        ExtentKind kind = run.Kind is RunKind.Data or RunKind.Packed
            ? ExtentKind.Data
            : ExtentKind.Zero;
        return (new Extent(offset, run.Length, kind), run.Kind != RunKind.Parent);
    }

    /// <inheritdoc/>
    protected override async ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        int epoch = _epochs?.Enter() ?? 0;
        try
        {
            Run run = await _map.MapAsync(offset, length, cancellationToken).ConfigureAwait(false);
            return await DescribeAsync(run, offset, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _epochs?.Leave(epoch);
        }
    }

    /// <summary>Fails when the disk has been closed, or the caller has given up.</summary>
    protected void CheckUse(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask<Extent> DescribeAsync(
        Run run, long offset, CancellationToken cancellationToken)
    {
        switch (run.Kind)
        {
            case RunKind.Data:
                Extent below = await run.Store!
                    .MapAsync(run.Offset, run.Length, cancellationToken).ConfigureAwait(false);
                return new Extent(offset, below.Length, below.Kind);
            case RunKind.Parent when Parent is not null && offset < Parent.Length:
                long reach = Math.Min(run.Length, Parent.Length - offset);
                return await Parent.MapAsync(offset, reach, cancellationToken)
                    .ConfigureAwait(false);
            case RunKind.Packed:
                return new Extent(offset, run.Length, ExtentKind.Data);
            default:
                return new Extent(offset, run.Length, ExtentKind.Zero);
        }
    }

    // The common case, without a state machine: one run of data. The run stays in FindData: without
    // locals that are passed by reference this method ends in a jump to the store, and one frame
    // less was measured as up to 15 ns beside a system call.
    private ValueTask StartRead(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return default;
        }

        (BlockDevice? store, long place) = FindData(offset, buffer.Length);
        return store is null
            ? ReadRunsAsync(offset, buffer, cancellationToken)
            : store.ReadAsync(place, buffer, cancellationToken);
    }

    private (BlockDevice? Store, long Place) FindData(long offset, int length) =>
        _map.TryMap(offset, length, out Run run, out _) && run.Length == length
            ? (run.Kind == RunKind.Data ? run.Store : null, run.Offset)
            : default;

    private async ValueTask EndAsync(ValueTask read, int epoch)
    {
        try
        {
            await read.ConfigureAwait(false);
        }
        finally
        {
            _epochs!.Leave(epoch);
        }
    }

    private async ValueTask ReadRunsAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            Run run = await _map.MapAsync(offset, buffer.Length, cancellationToken)
                .ConfigureAwait(false);
            int count = (int)run.Length;
            await ReadRunAsync(run, offset, buffer[..count], cancellationToken)
                .ConfigureAwait(false);
            buffer = buffer[count..];
            offset += count;
        }
    }

    private ValueTask ReadRunAsync(
        Run run, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        switch (run.Kind)
        {
            case RunKind.Data:
                return run.Store!.ReadAsync(run.Offset, buffer, cancellationToken);
            case RunKind.Packed:
                return ReadPackedAsync(run, offset, buffer, cancellationToken);
            case RunKind.Parent when Parent is not null && offset < Parent.Length:
                int inside = (int)Math.Min(buffer.Length, Parent.Length - offset);
                buffer.Span[inside..].Clear();
                return Parent.ReadAsync(offset, buffer[..inside], cancellationToken);
            default:
                buffer.Span.Clear();
                return default;
        }
    }

    private async ValueTask ReadPackedAsync(
        Run run, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] bytes = await Units.GetAsync(run.Unit, run.Offset, cancellationToken)
            .ConfigureAwait(false);
        bytes.AsMemory((int)(offset - run.Unit), buffer.Length).CopyTo(buffer);
    }
}
