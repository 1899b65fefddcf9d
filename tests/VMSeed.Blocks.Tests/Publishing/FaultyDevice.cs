namespace VMSeed.Blocks.Tests.Publishing;

/// <summary>A device one byte of which cannot be read.</summary>
internal sealed class FaultyDevice(BlockDevice inner, long badByte) : BlockDevice
{
    public override long Length => inner.Length;

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        offset <= badByte && badByte < offset + buffer.Length
            ? ValueTask.FromException(new IOException("Input/output error."))
            : inner.ReadAsync(offset, buffer, cancellationToken);
}
