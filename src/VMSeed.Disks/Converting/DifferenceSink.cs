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

    public override async ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        await foreach (Extent extent in target.ExtentsAsync(offset, length, cancellationToken)
            .ConfigureAwait(false))
        {
            if (extent.Kind != ExtentKind.Zero)
            {
                await target.ZeroAsync(extent.Offset, extent.Length, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        target.FlushAsync(cancellationToken);
}
