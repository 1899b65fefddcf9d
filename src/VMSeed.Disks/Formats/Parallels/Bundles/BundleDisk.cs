using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>The disk that the parts of a bundle make, side by side.</summary>
/// <param name="parts">The parts, in order, without a gap; closed with the disk.</param>
/// <param name="descriptor">The descriptor's file, closed too; null when it stays the
/// caller's.</param>
internal sealed class BundleDisk(IReadOnlyList<BundlePart> parts, BlockDevice? descriptor)
    : BlockDevice
{
    /// <inheritdoc/>
    public override long Length { get; } =
        parts[^1].Storage.Offset + parts[^1].Storage.Length;

    /// <inheritdoc/>
    public override bool CanWrite => parts[0].Disk!.CanWrite;

    /// <inheritdoc/>
    public override async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        foreach (BundlePart part in parts)
        {
            await part.Disk!.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (BundlePart part in parts)
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        if (descriptor is not null)
        {
            await descriptor.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
        {
            return default;
        }

        var (disk, at, count) = Find(offset, buffer.Length);
        return count == buffer.Length
            ? disk.ReadAsync(at, buffer, cancellationToken)
            : ReadPartsAsync(offset, buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            var (disk, at, count) = Find(offset, data.Length);
            await disk.WriteAsync(at, data[..(int)count], cancellationToken).ConfigureAwait(false);
            (offset, data) = (offset + count, data[(int)count..]);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        for (long end = offset + length; offset < end;)
        {
            var (disk, at, count) = Find(offset, end - offset);
            await disk.ZeroAsync(at, count, cancellationToken).ConfigureAwait(false);
            offset += count;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        for (long end = offset + length; offset < end;)
        {
            var (disk, at, count) = Find(offset, end - offset);
            await disk.TrimAsync(at, count, cancellationToken).ConfigureAwait(false);
            offset += count;
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        var (disk, at, count) = Find(offset, length);
        Extent extent = await disk.MapAsync(at, count, cancellationToken).ConfigureAwait(false);
        return extent with { Offset = offset };
    }

    private async ValueTask ReadPartsAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var (disk, at, count) = Find(offset, buffer.Length);
            await disk.ReadAsync(at, buffer[..(int)count], cancellationToken)
                .ConfigureAwait(false);
            (offset, buffer) = (offset + count, buffer[(int)count..]);
        }
    }

    // The last part that begins at the offset or before it.
    private (BlockDevice Disk, long At, long Count) Find(long offset, long length)
    {
        int low = 0;
        for (int high = parts.Count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = parts[middle].Storage.Offset <= offset
                ? (middle, high) : (low, middle - 1);
        }

        BundlePart part = parts[low];
        long at = offset - part.Storage.Offset;
        return (part.Disk!, at, Math.Min(length, part.Storage.Length - at));
    }
}
