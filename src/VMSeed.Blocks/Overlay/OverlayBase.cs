using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Overlay;

/// <summary>The base of an overlay, made as long as the overlay's disk: behind its end there are
/// zeros.</summary>
internal sealed class OverlayBase(BlockDevice device, long length)
{
    // What of the overlay's disk the base has: a shorter disk sees only so much of it.
    private readonly long _end = Math.Min(device.Length, length);

    internal BlockDevice Device => device;

    internal ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = CountAt(offset, buffer.Length);
        buffer.Span[count..].Clear();
        return count == 0 ? default : device.ReadAsync(offset, buffer[..count], cancellationToken);
    }

    internal void Read(long offset, Span<byte> buffer)
    {
        int count = CountAt(offset, buffer.Length);
        buffer[count..].Clear();
        if (count > 0)
        {
            device.Read(offset, buffer[..count]);
        }
    }

    internal ValueTask<Extent> MapAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        offset < _end
            ? device.MapAsync(offset, Math.Min(length, _end - offset), cancellationToken)
            : new(new Extent(offset, length, ExtentKind.Zero));

    private int CountAt(long offset, int length) =>
        (int)Math.Clamp(_end - offset, 0, length);
}
