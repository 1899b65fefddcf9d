using System.Buffers;
using VMSeed.Blocks.Overlay.Format;

namespace VMSeed.Blocks.Overlay;

// Who writes where, and why no byte of another writer is lost:
//
// * Blocks that the overlay has are written in place, by any number of writers, as a disk is.
// * A block that it has not gets all of its bytes first, and its state after that. Where the writer
//   brings only a part, the rest is read from the base: two who did that at once, or one of them
//   and one who writes the whole block, could each overwrite the other's bytes with the base's. So
//   whoever changes a state is alone in the block (RangeGate).
// * Zeroing changes the state and then gives the place back. A writer in place that is at work in
//   the same block meanwhile may be lost or not, as for any two writes that overlap in time.

/// <summary>Writes into the overlay.</summary>
internal sealed class OverlayWriter(
    BlockDevice file,
    OverlayLayout layout,
    StateMap states,
    OverlayBase source,
    OverlayCommit commit)
{
    // What is zeroed under one stay in the gate: a page of the state map.
    private const long ZeroStep = OverlayLayout.BlocksOfPage;

    private static readonly ReadOnlyMemory<byte> s_zeros = new byte[OverlayLayout.BlockSize];

    private readonly RangeGate _gate = new();

    internal ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        data.IsEmpty ? default
        : IsInPlace(offset, data.Length)
            ? PutAsync(offset, data, cancellationToken)
            : AllocateAsync(offset, data, cancellationToken);

    /// <summary>Makes a range read as zeros; blocks that it covers whole give their place
    /// back.</summary>
    internal async ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        long end = offset + length;
        long first = OverlayLayout.BlockAt(offset + OverlayLayout.BlockSize - 1);
        long last = end == layout.Length ? layout.BlockCount : OverlayLayout.BlockAt(end);
        if (first >= last)
        {
            await ZeroPartAsync(offset, end, cancellationToken).ConfigureAwait(false);
            return;
        }

        await ZeroPartAsync(offset, OverlayLayout.OffsetOf(first), cancellationToken)
            .ConfigureAwait(false);
        await ZeroBlocksAsync(first, last, cancellationToken).ConfigureAwait(false);
        await ZeroPartAsync(OverlayLayout.OffsetOf(last), end, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Lets go of the blocks that lie within a range.</summary>
    internal ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken)
    {
        long end = offset + length;
        long first = OverlayLayout.BlockAt(offset + OverlayLayout.BlockSize - 1);
        long last = end == layout.Length ? layout.BlockCount : OverlayLayout.BlockAt(end);
        return first < last ? ZeroBlocksAsync(first, last, cancellationToken) : default;
    }

    private bool IsInPlace(long offset, int length)
    {
        long end = OverlayLayout.BlockAfter(offset + length);
        for (long block = OverlayLayout.BlockAt(offset); block < end;)
        {
            if (!states.TryFind(block, out BlockState state, out block) || state != BlockState.Data)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask AllocateAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        long first = OverlayLayout.BlockAt(offset);
        long end = OverlayLayout.BlockAfter(offset + data.Length);
        await _gate.EnterAsync(first, end, cancellationToken).ConfigureAwait(false);
        try
        {
            await FillAsync(offset, data, cancellationToken).ConfigureAwait(false);
            await states.SetAsync(first, end, BlockState.Data, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _gate.Leave(first, end);
        }

        await EaseAsync(cancellationToken).ConfigureAwait(false);
    }

    // Writes the data, and with it what of its first and last block it does not bring.
    private async ValueTask FillAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        long end = offset + data.Length;
        long lastBlock = OverlayLayout.BlockAt(end - 1);
        long start = await LacksAsync(OverlayLayout.BlockAt(offset), cancellationToken)
            .ConfigureAwait(false)
            ? OverlayLayout.OffsetOf(OverlayLayout.BlockAt(offset))
            : offset;
        long stop = await LacksAsync(lastBlock, cancellationToken).ConfigureAwait(false)
            ? layout.EndOf(lastBlock)
            : end;
        if (start == offset && stop == end)
        {
            await PutAsync(offset, data, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent((int)(stop - start));
        try
        {
            Memory<byte> whole = rented.AsMemory(0, (int)(stop - start));
            Memory<byte> before = whole[..(int)(offset - start)];
            Memory<byte> after = whole[(int)(end - start)..];
            await ReadOldAsync(start, before, cancellationToken).ConfigureAwait(false);
            await ReadOldAsync(end, after, cancellationToken).ConfigureAwait(false);
            data.CopyTo(whole[before.Length..]);
            await PutAsync(start, whole, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // Into the blocks' own places.
    private ValueTask PutAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        file.WriteAsync(layout.PlaceOf(offset), data, cancellationToken);

    private async ValueTask<bool> LacksAsync(long block, CancellationToken cancellationToken) =>
        (await states.FindAsync(block, cancellationToken).ConfigureAwait(false)).State
            != BlockState.Data;

    // The part of one block that is not in the overlay.
    private async ValueTask ReadOldAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return;
        }

        (BlockState state, _) = await states
            .FindAsync(OverlayLayout.BlockAt(offset), cancellationToken).ConfigureAwait(false);
        if (state == BlockState.Zero)
        {
            buffer.Span.Clear();
        }
        else
        {
            await source.ReadAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
        }
    }

    // A range that covers no block whole: of one block, or of two neighbours.
    private async ValueTask ZeroPartAsync(
        long offset, long end, CancellationToken cancellationToken)
    {
        while (offset < end)
        {
            long block = OverlayLayout.BlockAt(offset);
            int count = (int)(Math.Min(end, OverlayLayout.OffsetOf(block + 1)) - offset);
            (BlockState state, _) = await states.FindAsync(block, cancellationToken)
                .ConfigureAwait(false);
            if (state != BlockState.Zero)
            {
                await WriteAsync(offset, s_zeros[..count], cancellationToken)
                    .ConfigureAwait(false);
            }

            offset += count;
        }
    }

    private async ValueTask ZeroBlocksAsync(
        long first, long last, CancellationToken cancellationToken)
    {
        while (first < last)
        {
            long end = Math.Min(last, (first / ZeroStep * ZeroStep) + ZeroStep);
            await _gate.EnterAsync(first, end, cancellationToken).ConfigureAwait(false);
            try
            {
                await ZeroStepAsync(first, end, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _gate.Leave(first, end);
            }

            await EaseAsync(cancellationToken).ConfigureAwait(false);
            first = end;
        }
    }

    private async ValueTask ZeroStepAsync(long first, long end, CancellationToken cancellationToken)
    {
        for (long block = first; block < end;)
        {
            (BlockState state, long next) = await states.FindAsync(block, cancellationToken)
                .ConfigureAwait(false);
            next = Math.Min(next, end);
            if (state != BlockState.Zero)
            {
                await states.SetAsync(block, next, BlockState.Zero, cancellationToken)
                    .ConfigureAwait(false);
            }

            if (state == BlockState.Data)
            {
                // Until the new state is durable the old one may come back, over zeros then.
                long offset = OverlayLayout.OffsetOf(block);
                await file.ZeroAsync(
                        layout.PlaceOf(offset), layout.EndOf(next - 1) - offset, cancellationToken)
                    .ConfigureAwait(false);
            }

            block = next;
        }
    }

    private ValueTask EaseAsync(CancellationToken cancellationToken) =>
        states.IsCrowded ? commit.FlushAsync(cancellationToken) : default;
}
