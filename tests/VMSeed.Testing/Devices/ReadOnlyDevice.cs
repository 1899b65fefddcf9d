using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Devices;

/// <summary>A device that can be read only, over one that could be written.</summary>
public sealed class ReadOnlyDevice(BlockDevice device) : BlockDevice
{
    /// <inheritdoc/>
    public override long Length => device.Length;

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await device.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        device.ReadAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer) => device.Read(offset, buffer);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        device.MapAsync(offset, length, cancellationToken);
}
