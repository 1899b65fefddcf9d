using System.Buffers;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Nbd;

/// <summary>An export whose bytes are a block device's. The only file of this library that knows of
/// devices.</summary>
public sealed class BlockDeviceExport : NbdExport
{
    // One write of zeros where a client wants its space reserved: long enough for the call's cost
    // to vanish, short enough that a client which hangs up in between is noticed.
    private static readonly byte[] s_zeros = new byte[256 * 1024];

    // What one request of a lazy device brings.
    private const int PrefetchLength = 1024 * 1024;

    private readonly BlockDevice _device;
    private readonly bool _canWrite;

    /// <summary>Makes an export of a device.</summary>
    /// <param name="name">The name that clients choose it by.</param>
    /// <param name="device">The device; it must outlive the server, which does not close
    /// it.</param>
    /// <param name="description">A line for people; null for none.</param>
    /// <param name="readOnly">Whether clients may only read, though the device can be
    /// written.</param>
    public BlockDeviceExport(
        string name, BlockDevice device, string? description = null, bool readOnly = false)
        : base(name, description)
    {
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        _canWrite = device.CanWrite && !readOnly;
    }

    /// <inheritdoc/>
    public override long Length => _device.Length;

    /// <inheritdoc/>
    public override bool CanWrite => _canWrite;

    /// <inheritdoc/>
    public override ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        _device.ReadAsync(offset, buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data) =>
        _device.WriteAsync(offset, data, CancellationToken.None);

    /// <inheritdoc/>
    public override ValueTask ZeroAsync(
        long offset, long length, bool keepStorage, CancellationToken cancellationToken) =>
        keepStorage
            ? WriteZerosAsync(offset, length, cancellationToken)
            : _device.ZeroAsync(offset, length, CancellationToken.None);

    /// <inheritdoc/>
    public override ValueTask TrimAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _device.TrimAsync(offset, length, CancellationToken.None);

    /// <inheritdoc/>
    public override ValueTask FlushAsync() =>
        _canWrite ? _device.FlushAsync(CancellationToken.None) : default;

    /// <inheritdoc/>
    /// <remarks>A lazy disk fetches what is missing, behind every read that somebody waits for. Of
    /// other devices, what their map calls absent is read, which brings it near.</remarks>
    public override ValueTask PrefetchAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        new(_device is LazyDisk lazy
            ? lazy.PrefetchAsync(offset, length, null, cancellationToken)
            : ReadAbsentAsync(offset, offset + length, cancellationToken));

    /// <inheritdoc/>
    public override async ValueTask<NbdExtent> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        Extent extent = await _device.MapAsync(offset, length, cancellationToken)
            .ConfigureAwait(false);
        return new NbdExtent(extent.Length, extent.Kind switch
        {
            ExtentKind.Zero => NbdExtentKind.Zero,
            ExtentKind.Absent => NbdExtentKind.Absent,
            _ => NbdExtentKind.Data,
        });
    }

    private async Task ReadAbsentAsync(
        long offset, long end, CancellationToken cancellationToken)
    {
        byte[] scratch = ArrayPool<byte>.Shared.Rent(PrefetchLength);
        try
        {
            while (offset < end)
            {
                Extent extent = await _device.MapAsync(offset, end - offset, cancellationToken)
                    .ConfigureAwait(false);
                long length = extent.Length;
                if (extent.Kind == ExtentKind.Absent)
                {
                    length = Math.Min(length, PrefetchLength);
                    await _device
                        .ReadAsync(offset, scratch.AsMemory(0, (int)length), cancellationToken)
                        .ConfigureAwait(false);
                }

                offset += length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private async ValueTask WriteZerosAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(length, s_zeros.Length);
            await _device.WriteAsync(offset, s_zeros.AsMemory(0, count), CancellationToken.None)
                .ConfigureAwait(false);
            offset += count;
            length -= count;
        }
    }
}
