using System.Buffers;
using VMSeed.Blocks;

namespace VMSeed.Disks.Mapping;

// Three kinds of writes:
// * over bytes that are the image's own: straight to their place, any number at once;
// * to a block that has none, or only some: one writer a block (BlockClaims) takes a place, writes
//   the data with whatever of its copy unit it does not cover, and only then adopts it;
// * zeros: an entry where the format has one for it, else in place.
// Tables are changed one writer at a time, under the gate; data is moved outside of it.

/// <summary>The one loop that writes every format.</summary>
internal sealed class WritableDisk : MappedDisk
{
    private readonly WritableMap _map;
    private readonly TransferEpochs _epochs;
    private readonly BlockClaims _claims = new();
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

    // Up to the end of a run of data, or of a block.
    private async ValueTask<int> WriteSomeAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Run run = await _map.MapAsync(offset, data.Length, cancellationToken).ConfigureAwait(false);
        if (run.Kind == RunKind.Data)
        {
            int there = (int)run.Length;
            await run.Store!.WriteAsync(run.Offset, data[..there], cancellationToken)
                .ConfigureAwait(false);
            return there;
        }

        return await FillAsync(offset, data[..(int)run.Length], cancellationToken)
            .ConfigureAwait(false);
    }

    // Only units that are not the image's own are read and written back with the data around them:
    // others may be written straight at this moment, and nothing of theirs may be put back.
    private async ValueTask<int> FillAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        long block = offset / _map.BlockSize;
        int start = (int)(offset % _map.BlockSize);
        data = data[..Math.Min(data.Length, _map.BlockSize - start)];
        await _claims.ClaimAsync(block, cancellationToken).ConfigureAwait(false);
        try
        {
            Run run = await _map.MapAsync(offset, data.Length, cancellationToken)
                .ConfigureAwait(false);
            data = data[..(int)run.Length];
            if (run.Kind == RunKind.Data)
            {
                // Whoever had the claim before has filled it.
                await run.Store!.WriteAsync(run.Offset, data, cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                await FillClaimedAsync(block, start, data, cancellationToken)
                    .ConfigureAwait(false);
            }

            return data.Length;
        }
        finally
        {
            _claims.Release(block);
        }
    }

    private async ValueTask FillClaimedAsync(
        long block, int start, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Place place = await TakeAsync(block, cancellationToken).ConfigureAwait(false);
        try
        {
            BlockRange range = await FillPlaceAsync(block, place, start, data, cancellationToken)
                .ConfigureAwait(false);
            await AdoptAsync(block, place, range).ConfigureAwait(false);
        }
        catch when (place.IsNew)
        {
            await GiveBackAsync(block, place).ConfigureAwait(false);
            throw;
        }
    }

    // The data, and around it what its copy units held before.
    private async ValueTask<BlockRange> FillPlaceAsync(
        long block,
        Place place,
        int start,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellationToken)
    {
        long first = block * _map.BlockSize;
        int unit = _map.CopyUnit;
        int from = start / unit * unit;
        int to = (int)Math.Min(
            FileTail.Align(start + data.Length, unit), Math.Min(_map.BlockSize, Length - first));
        if (from == start && to == start + data.Length)
        {
            await place.Store.WriteAsync(place.Offset + start, data, cancellationToken)
                .ConfigureAwait(false);
            return new BlockRange(from, to - from);
        }

        if (place.IsZero && await IsBlankAsync(first + from, to - from, cancellationToken)
            .ConfigureAwait(false))
        {
            await place.Store.WriteAsync(place.Offset + start, data, cancellationToken)
                .ConfigureAwait(false);
            return new BlockRange(from, to - from);
        }

        byte[] whole = ArrayPool<byte>.Shared.Rent(to - from);
        try
        {
            await ReadAsync(first + from, whole.AsMemory(0, to - from), cancellationToken)
                .ConfigureAwait(false);
            data.Span.CopyTo(whole.AsSpan(start - from));
            await place.Store
                .WriteAsync(place.Offset + from, whole.AsMemory(0, to - from), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }

        return new BlockRange(from, to - from);
    }

    private async ValueTask<bool> IsBlankAsync(
        long offset, int length, CancellationToken cancellationToken)
    {
        Run run = await _map.MapAsync(offset, length, cancellationToken).ConfigureAwait(false);
        return run.Length == length
            && (run.Kind == RunKind.Zero
                || (run.Kind == RunKind.Parent && offset >= (Parent?.Length ?? 0)));
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
            && await ClearAsync(block, cancellationToken).ConfigureAwait(false))
        {
            return count;
        }

        if (run.Kind == RunKind.Data)
        {
            await run.Store!.ZeroAsync(run.Offset, run.Length, cancellationToken)
                .ConfigureAwait(false);
            return run.Length;
        }

        byte[] zeros = new byte[Math.Min(count, run.Length)];
        return await FillAsync(offset, zeros, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> ClearAsync(long block, CancellationToken cancellationToken)
    {
        await _claims.ClaimAsync(block, cancellationToken).ConfigureAwait(false);
        try
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await _map.ClearAsync(block, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _gate.Release();
            }
        }
        finally
        {
            _claims.Release(block);
        }
    }

    private async ValueTask<Place> TakeAsync(long block, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _map.TakeAsync(block, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    // Not to be given up half-way: the bytes are written, and their block is about to be known.
    private async ValueTask AdoptAsync(long block, Place place, BlockRange range)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await _map.AdoptAsync(block, place, range, CancellationToken.None)
                .ConfigureAwait(false);
            if (_map.UnitSize > 0)
            {
                Units.Clear();
            }

            if (_map.IsFull)
            {
                await _map.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask GiveBackAsync(long block, Place place)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _map.GiveBack(block, place);
        }
        finally
        {
            _gate.Release();
        }
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
