namespace VMSeed.Blocks.Tests.Caching;

/// <summary>A device that counts the units of itself which anything was written to.</summary>
internal sealed class TouchedUnits(BlockDevice device, int unitBytes) : BlockDevice
{
    private readonly HashSet<long> _touched = [];

    public override long Length => device.Length;

    public override bool CanWrite => true;

    public int Count => _touched.Count;

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        device.FlushAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await device.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        device.ReadAsync(offset, buffer, cancellationToken);

    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Touch(offset, data.Length);
        return device.WriteAsync(offset, data, cancellationToken);
    }

    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        Touch(offset, length); // Not every virtual disk knows zeros from other bytes.
        return device.ZeroAsync(offset, length, cancellationToken);
    }

    private void Touch(long offset, long length)
    {
        for (long unit = offset / unitBytes; unit <= (offset + length - 1) / unitBytes; unit++)
        {
            _touched.Add(unit);
        }
    }
}
