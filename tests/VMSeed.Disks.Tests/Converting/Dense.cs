using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Tests.Converting;

/// <summary>A device without a map: all of it is data.</summary>
internal sealed class Dense(BlockDevice inner) : BlockDevice
{
    public override long Length => inner.Length;

    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        inner.ReadAsync(offset, buffer, cancellationToken);

    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        new(new Extent(offset, length, ExtentKind.Data));
}
