using VMSeed.Disks.Converting;

namespace VMSeed.Disks.Archives;

/// <summary>The data of an archive's member: one region after the other, the last filled up to a
/// whole block, and the archive's end.</summary>
/// <param name="target">The stream; stays the caller's.</param>
/// <param name="written">Bytes of the archive that are written already.</param>
internal sealed class RegionSink(Stream target, long written) : CopySink
{
    private long _written = written;

    public override bool IsOrdered => true;

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        _written += data.Length;
        return target.WriteAsync(data, cancellationToken);
    }

    public override ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The holes of a sparse file are not in its regions.");

    // Two blocks of zeros end an archive; records do.
    public override async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        long end = TarFormat.RoundUp(_written) + (2 * TarFormat.Block);
        end = (end + TarFormat.Record - 1) / TarFormat.Record * TarFormat.Record;
        await target.WriteAsync(new byte[end - _written], cancellationToken).ConfigureAwait(false);
        await target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
