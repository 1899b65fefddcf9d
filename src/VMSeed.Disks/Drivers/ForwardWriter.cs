using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Drivers;

// A pipe takes a byte once. What can be written to one is an image whose tables follow its data:
// the writer is told the disk in ascending order, and remembers where it put what.

/// <summary>Writes an image from its first byte to its last, to where nothing can be written
/// twice.</summary>
/// <remarks>
/// Called by one task at a time. What is never written reads as zeros. Packing goes on in parallel
/// behind the calls, within a bound; an error of it comes out of a later call. An image without
/// <see cref="CompleteAsync"/> is none. The stream stays the caller's.
/// </remarks>
/// <param name="length">The disk's size in bytes.</param>
/// <param name="unitSize">What is packed at once, in bytes.</param>
internal abstract class ForwardWriter(long length, int unitSize) : IAsyncDisposable
{
    private long _next;
    private bool _completed;

    /// <summary>The disk's size in bytes.</summary>
    public long Length { get; } = length;

    /// <summary>What is packed at once, in bytes: offsets and lengths are multiples of it, but for
    /// the length of the last unit of a disk that ends within it.</summary>
    public int UnitSize { get; } = unitSize;

    /// <summary>Appends units.</summary>
    /// <param name="offset">Where on the disk the first begins: after all that came before.</param>
    /// <param name="data">The units; the caller's again when the task is done.</param>
    /// <param name="cancellationToken">Gives the work up; nothing but closing the writer is then of
    /// use.</param>
    /// <returns>A task that is done when there is room for more.</returns>
    public async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Check(offset, data.Length);
        while (!data.IsEmpty)
        {
            int count = Math.Min(UnitSize, data.Length);
            await AppendAsync(offset, data[..count], cancellationToken).ConfigureAwait(false);
            data = data[count..];
            offset += count;
            _next = offset;
        }
    }

    /// <summary>Writes what comes after the data, and flushes the stream.</summary>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the stream has the whole image.</returns>
    /// <exception cref="DiskFormatException">The image became larger than its format can
    /// say.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        _completed = true;
        return FinishAsync(cancellationToken);
    }

    /// <summary>Ends what is under way; the stream stays open.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>Appends one unit that has been checked.</summary>
    protected abstract ValueTask AppendAsync(
        long offset, ReadOnlyMemory<byte> unit, CancellationToken cancellationToken);

    /// <summary>Writes what comes after the last unit.</summary>
    protected abstract ValueTask FinishAsync(CancellationToken cancellationToken);

    private void Check(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, _next);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - offset);
        if (offset % UnitSize != 0 || (count % UnitSize != 0 && offset + count != Length))
        {
            throw new ArgumentException(
                $"The range of {count} bytes at {offset} is not of whole units of {UnitSize}.",
                nameof(offset));
        }
    }
}
