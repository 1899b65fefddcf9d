using System.Buffers;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Converting;

/// <summary>A copy onto a device that holds most of it already: only pages that differ are
/// written.</summary>
/// <param name="target">The device; stays the caller's.</param>
internal sealed class DifferenceSink(BlockDevice target) : CopySink
{
    public override bool IsOrdered => true;

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            Memory<byte> there = rented.AsMemory(0, data.Length);
            await target.ReadAsync(offset, there, cancellationToken).ConfigureAwait(false);
            for (int at = 0; at < data.Length;)
            {
                int end = PageRuns.EndOfEqual(data.Span, there.Span, at, Page, out bool equal);
                if (!equal)
                {
                    await target.WriteAsync(offset + at, data[at..end], cancellationToken)
                        .ConfigureAwait(false);
                }

                at = end;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // The target may hold zeros that its map does not know of: they are looked at, not written
    // over.
    public override async ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        await foreach (Extent extent in MapWalk
            .ExtentsAsync(target, offset, length, cancellationToken).ConfigureAwait(false))
        {
            if (extent.Kind == ExtentKind.Zero)
            {
                continue;
            }

            for (long at = extent.Offset; at < extent.End; at += CopyPipeline.PieceSize)
            {
                int count = (int)Math.Min(CopyPipeline.PieceSize, extent.End - at);
                await ZeroDataAsync(at, count, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        target.FlushAsync(cancellationToken);

    private async ValueTask ZeroDataAsync(
        long offset, int length, CancellationToken cancellationToken)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Memory<byte> there = rented.AsMemory(0, length);
            await target.ReadAsync(offset, there, cancellationToken).ConfigureAwait(false);
            for (int at = 0; at < length;)
            {
                int end = PageRuns.EndOfZeros(there.Span, at, Page, out bool zeros);
                if (!zeros)
                {
                    await target.ZeroAsync(offset + at, end - at, cancellationToken)
                        .ConfigureAwait(false);
                }

                at = end;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
