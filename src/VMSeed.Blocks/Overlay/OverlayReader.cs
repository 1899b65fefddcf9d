using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>Reads the overlay where it has something, and the base elsewhere.</summary>
internal sealed class OverlayReader(
    BlockDevice file, OverlayLayout layout, StateMap states, OverlayBase source)
{
    /// <summary>Fills a buffer; at once, and without an allocation, where file and base can.
    /// </summary>
    internal ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (buffer.Length > 0)
        {
            if (!states.TryFind(OverlayLayout.BlockAt(offset), out BlockState state, out long end))
            {
                return ReadPartsAsync(default, offset, buffer, cancellationToken);
            }

            int count = CountTo(end, offset, buffer.Length);
            ValueTask part = ReadPart(state, offset, buffer[..count], cancellationToken);
            offset += count;
            buffer = buffer[count..];
            if (!part.IsCompletedSuccessfully)
            {
                return buffer.IsEmpty
                    ? part
                    : ReadPartsAsync(part, offset, buffer, cancellationToken);
            }
        }

        return default;
    }

    /// <summary>Fills a buffer, holding the thread.</summary>
    internal void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (!states.TryFind(OverlayLayout.BlockAt(offset), out BlockState state, out long end))
            {
                (state, end) = states.FindAsync(OverlayLayout.BlockAt(offset), default)
                    .AsTask().GetAwaiter().GetResult();
            }

            int count = CountTo(end, offset, buffer.Length);
            ReadPart(state, offset, buffer[..count]);
            offset += count;
            buffer = buffer[count..];
        }
    }

    /// <summary>What lies at an offset: the overlay's own, or what the base says.</summary>
    internal async ValueTask<Extent> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        (BlockState state, long end) = await states
            .FindAsync(OverlayLayout.BlockAt(offset), cancellationToken).ConfigureAwait(false);
        length = Math.Min(length, OverlayLayout.OffsetOf(end) - offset);
        return state == BlockState.Base
            ? await source.MapAsync(offset, length, cancellationToken).ConfigureAwait(false)
            : new Extent(
                offset, length, state == BlockState.Data ? ExtentKind.Data : ExtentKind.Zero);
    }

    private static int CountTo(long endBlock, long offset, int length) =>
        (int)Math.Min(length, OverlayLayout.OffsetOf(endBlock) - offset);

    private ValueTask ReadPart(
        BlockState state, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        switch (state)
        {
            case BlockState.Data:
                return file.ReadAsync(layout.PlaceOf(offset), buffer, cancellationToken);
            case BlockState.Base:
                return source.ReadAsync(offset, buffer, cancellationToken);
            default:
                buffer.Span.Clear();
                return default;
        }
    }

    private void ReadPart(BlockState state, long offset, Span<byte> buffer)
    {
        switch (state)
        {
            case BlockState.Data:
                file.Read(layout.PlaceOf(offset), buffer);
                break;
            case BlockState.Base:
                source.Read(offset, buffer);
                break;
            default:
                buffer.Clear();
                break;
        }
    }

    // A part that has to wait, for a disk or for the network, does not hold the next one up.
    private async ValueTask ReadPartsAsync(
        ValueTask first, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        List<Task> waiting = [first.AsTask()];
        try
        {
            while (buffer.Length > 0)
            {
                (BlockState state, long end) = await states
                    .FindAsync(OverlayLayout.BlockAt(offset), cancellationToken)
                    .ConfigureAwait(false);
                int count = CountTo(end, offset, buffer.Length);
                ValueTask part = ReadPart(state, offset, buffer[..count], cancellationToken);
                if (!part.IsCompletedSuccessfully)
                {
                    waiting.Add(part.AsTask());
                }

                offset += count;
                buffer = buffer[count..];
            }
        }
        finally
        {
            // Also after a failure: nobody may write into the buffer once the read has ended.
            await Task.WhenAll(waiting).ConfigureAwait(false);
        }
    }
}
