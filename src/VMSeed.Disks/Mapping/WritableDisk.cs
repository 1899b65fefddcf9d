using VMSeed.Blocks;
using VMSeed.Disks.Mapping.Filling;

namespace VMSeed.Disks.Mapping;

// Three kinds of writes:
// * over bytes that are the image's own: straight to their place, any number at once;
// * to a block that has none, or only some: by way of a place that nothing points at (BlockFiller);
// * zeros: an entry where the format has one for it, else in place.
// Tables are changed one writer at a time, under the gate; data is moved outside of it.

/// <summary>The one loop that writes every format.</summary>
internal sealed class WritableDisk : MappedDisk
{
    private readonly WritableMap _map;
    private readonly TransferEpochs _epochs;
    private readonly BlockFiller _filler;
#pragma warning disable CA2213 // Without a wait handle it holds nothing but memory.
    private readonly SemaphoreSlim _gate = new(1, 1);
#pragma warning restore CA2213
    private bool _begun;

    /// <summary>A disk over its map.</summary>
    /// <param name="map">The map, which becomes the disk's.</param>
    /// <param name="parent">What lies below; stays the caller's. Null: zeros.</param>
    /// <param name="epochs">What transfers enter.</param>
    public WritableDisk(WritableMap map, BlockDevice? parent, TransferEpochs epochs)
        : base(map, parent, epochs)
    {
        _map = map;
        _epochs = epochs;
        _filler = new BlockFiller(this, map, _gate, Units);
    }

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        CheckUse(cancellationToken);
        if (!_map.IsDirty)
        {
            await _map.FlushStoresAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _map.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckUse(cancellationToken);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await BeginUnsynchronizedAsync(cancellationToken).ConfigureAwait(false);
            await _map.ResizeAsync(length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs a check or a repair while nobody else changes tables, and after all that was
    /// changed has been committed. A repair begins the session on the map itself, and leaves
    /// nothing uncommitted.</summary>
    /// <remarks>Bytes that have a place may still be written meanwhile.</remarks>
    /// <param name="work">The check or the repair; it does not use the disk.</param>
    /// <param name="repairs">Whether it changes anything.</param>
    public async ValueTask RunAloneAsync(Func<ValueTask> work, bool repairs = true)
    {
        CheckUse(CancellationToken.None);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_begun)
            {
                await _map.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await work().ConfigureAwait(false);
            Volatile.Write(ref _begun, _begun || repairs);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Commits, marks the image as closed, and closes it.</summary>
    protected override async ValueTask CloseAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_begun)
            {
                await _map.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                await _map.EndAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            await base.CloseAsync().ConfigureAwait(false);
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        int epoch = _epochs.Enter();
        try
        {
            while (!data.IsEmpty)
            {
                int count = await WriteSomeAsync(offset, data, cancellationToken)
                    .ConfigureAwait(false);
                data = data[count..];
                offset += count;
            }
        }
        finally
        {
            _epochs.Leave(epoch);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        int epoch = _epochs.Enter();
        try
        {
            for (long end = offset + length; offset < end;)
            {
                offset += await ZeroSomeAsync(offset, end - offset, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            _epochs.Leave(epoch);
        }
    }

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        ZeroCoreAsync(offset, length, cancellationToken);

    // Up to the end of a run of data, or of what the filler takes at once.
    private async ValueTask<int> WriteSomeAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Run run = await _map.MapAsync(offset, data.Length, cancellationToken).ConfigureAwait(false);
        data = data[..(int)run.Length];
        if (!run.IsOwn)
        {
            return await _filler.FillAsync(offset, data, cancellationToken).ConfigureAwait(false);
        }

        await run.Store!.WriteAsync(run.Offset, data, cancellationToken).ConfigureAwait(false);
        return data.Length;
    }

    private async ValueTask<long> ZeroSomeAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        int start = (int)(offset % _map.BlockSize);
        long block = offset / _map.BlockSize;
        long blockEnd = Math.Min((block + 1) * _map.BlockSize, Length);
        Run run = await _map.MapAsync(offset, length, cancellationToken).ConfigureAwait(false);
        if (run.Kind == RunKind.Zero || (run.Kind == RunKind.Parent && Parent is null))
        {
            return run.Length;
        }

        long count = Math.Min(length, blockEnd - offset);
        if (start == 0 && offset + count == blockEnd
            && await _filler.ClearAsync(block, cancellationToken).ConfigureAwait(false))
        {
            return count;
        }

        if (run.IsOwn)
        {
            await run.Store!.ZeroAsync(run.Offset, run.Length, cancellationToken)
                .ConfigureAwait(false);
            return run.Length;
        }

        byte[] zeros = new byte[Math.Min(count, run.Length)];
        return await _filler.FillAsync(offset, zeros, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _begun))
        {
            return;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await BeginUnsynchronizedAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask BeginUnsynchronizedAsync(CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            await _map.BeginAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _begun, true);
        }
    }
}
