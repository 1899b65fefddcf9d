namespace VMSeed.Disks.Converting;

/// <summary>A copy into a stream, where zeros are bytes like all others.</summary>
/// <param name="target">The stream, which need not seek; stays the caller's.</param>
/// <param name="length">Bytes that it gets in all; zeros follow the copy, if it is
/// shorter.</param>
internal sealed class StreamSink(Stream target, long length) : CopySink
{
    private static readonly byte[] s_zeros = new byte[CopyPipeline.PieceSize];

    private long _written;

    public override bool IsOrdered => true;

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        _written += data.Length;
        return target.WriteAsync(data, cancellationToken);
    }

    public override async ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        for (long done = 0; done < length; done += s_zeros.Length)
        {
            int count = (int)Math.Min(s_zeros.Length, length - done);
            await WriteAsync(offset + done, s_zeros.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await ZeroAsync(_written, length - _written, cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
