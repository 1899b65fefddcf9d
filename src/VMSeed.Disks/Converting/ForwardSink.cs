using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Converting;

/// <summary>A copy into an image that is written once, from its beginning to its end.</summary>
/// <param name="writer">What writes it; disposed of with this.</param>
internal sealed class ForwardSink(ForwardWriter writer) : CopySink
{
    public override bool IsOrdered => true;

    public override int Align => Math.Max(Page, writer.UnitSize);

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (int at = 0; at < data.Length;)
        {
            int end = PageRuns.EndOfZeros(data.Span, at, writer.UnitSize, out bool zeros);
            if (!zeros)
            {
                await WriteUnitsAsync(offset + at, data[at..end], cancellationToken)
                    .ConfigureAwait(false);
            }

            at = end;
        }
    }

    public override ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) =>
        writer.CompleteAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    // The source may end within a unit of a disk that is longer.
    private async ValueTask WriteUnitsAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        int unit = writer.UnitSize;
        int whole = offset + data.Length == writer.Length ? data.Length : data.Length / unit * unit;
        if (whole > 0)
        {
            await writer.WriteAsync(offset, data[..whole], cancellationToken).ConfigureAwait(false);
        }

        if (whole < data.Length)
        {
            byte[] last = new byte[Math.Min(unit, writer.Length - offset - whole)];
            data[whole..].CopyTo(last);
            await writer.WriteAsync(offset + whole, last, cancellationToken).ConfigureAwait(false);
        }
    }
}
