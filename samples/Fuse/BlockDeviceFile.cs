using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Fuse;

/// <summary>A file whose bytes are a block device's. The only file of this library that knows of
/// devices.</summary>
/// <param name="name">The file's name in the root directory.</param>
/// <param name="device">The device; it must outlive the mount, which does not close it.</param>
public sealed class BlockDeviceFile(string name, BlockDevice device) : FuseFile(name)
{
    /// <inheritdoc/>
    public override long Length => device.Length;

    /// <inheritdoc/>
    public override bool CanWrite => device.CanWrite;

    /// <inheritdoc/>
    public override UnixFileMode Mode =>
        device.CanWrite ? base.Mode | UnixFileMode.UserWrite : base.Mode;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await device.ReadAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
        return buffer.Length;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        device.WriteAsync(offset, data, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        device.ZeroAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken) =>
        device.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Bytes that are not local yet count as data: nobody knows better without fetching
    /// them.</remarks>
    public override async ValueTask<long> SeekAsync(
        long offset, bool hole, CancellationToken cancellationToken)
    {
        while (offset < Length)
        {
            Extent extent = await device.MapAsync(offset, Length - offset, cancellationToken)
                .ConfigureAwait(false);
            if (extent.Kind == ExtentKind.Zero == hole) { return offset; }

            offset = extent.End;
        }

        return hole ? Length : -1;
    }
}
