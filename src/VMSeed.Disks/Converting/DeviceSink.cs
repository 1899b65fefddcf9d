using VMSeed.Blocks;

namespace VMSeed.Disks.Converting;

/// <summary>A copy onto a device.</summary>
/// <param name="target">The device; stays the caller's.</param>
/// <param name="isZero">Whether it reads as zeros, so that zeros need no write.</param>
/// <param name="isOrdered">Whether it grows in the order of the writes.</param>
internal sealed class DeviceSink(BlockDevice target, bool isZero, bool isOrdered) : CopySink
{
    /// <summary>Zeros shorter than this go with the data around them, where they have to be
    /// written: a call costs as much as 64 KiB.</summary>
    private const int LeastZeros = 64 * 1024;

    public override bool IsOrdered => isOrdered;

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        int from = 0;
        for (int at = 0; at < data.Length;)
        {
            int end = PageRuns.EndOfZeros(data.Span, at, Page, out bool zeros);
            if (zeros && (isZero || end - at >= LeastZeros))
            {
                await FlushAsync(from, at).ConfigureAwait(false);
                await ZeroAsync(offset + at, end - at, cancellationToken).ConfigureAwait(false);
                from = end;
            }

            at = end;
        }

        await FlushAsync(from, data.Length).ConfigureAwait(false);

        ValueTask FlushAsync(int start, int end) => start == end
            ? default
            : target.WriteAsync(offset + start, data[start..end], cancellationToken);
    }

    public override ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        isZero ? default : target.ZeroAsync(offset, length, cancellationToken);

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        target.FlushAsync(cancellationToken);
}
