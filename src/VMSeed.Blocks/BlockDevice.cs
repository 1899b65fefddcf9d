using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Overlay;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks;

/// <summary>A run of bytes that is addressed by offset: a file, a remote image, a virtual
/// disk.</summary>
/// <remarks>
/// The one abstraction of VMSeed; devices nest freely. What every device keeps:
/// <list type="bullet">
/// <item>Every member may be called from any number of threads at once. No member holds a
/// position.</item>
/// <item>A read fills its whole buffer or throws. Short reads do not exist; a range that does not
/// lie within the device is an <see cref="ArgumentOutOfRangeException"/>.</item>
/// <item>A read that memory or the page cache can serve completes synchronously and allocates
/// nothing; one that would block does not hold the calling thread.</item>
/// <item>A finished write is seen by every later read; it is durable after the next
/// <see cref="FlushAsync"/>. Writes in flight on overlapping ranges end in any order.</item>
/// </list>
/// </remarks>
public abstract class BlockDevice : IAsyncDisposable
{
#pragma warning disable CA2213 // Without a wait handle it holds nothing but memory.
    private readonly SemaphoreSlim _growth = new(1, 1);
#pragma warning restore CA2213

    /// <summary>The device's size in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Whether the writing members may be called.</summary>
    public virtual bool CanWrite => false;

    /// <summary>What the content is known by beyond this process: what an overlay is bound
    /// to.</summary>
    /// <value>Null by default, where nobody vouches for the content: a local file, a disk that is
    /// written.</value>
    public virtual ContentIdentity? Identity => null;

    /// <summary>Fills a buffer with the bytes at an offset.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">The buffer; all of it is filled.</param>
    /// <param name="cancellationToken">Gives the read up; the buffer's content is then
    /// undefined.</param>
    /// <returns>A task that is done when the buffer is full.</returns>
    /// <exception cref="BlockIOException">Bytes of a remote device cannot be had.</exception>
    public ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        CheckRange(offset, buffer.Length);
        return ReadCoreAsync(offset, buffer, cancellationToken);
    }

    /// <summary>Fills a buffer with the bytes at an offset, holding the thread for as long as it
    /// takes.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">The buffer; all of it is filled.</param>
    /// <exception cref="BlockIOException">Bytes of a remote device cannot be had.</exception>
    public void Read(long offset, Span<byte> buffer)
    {
        CheckRange(offset, buffer.Length);
        ReadCore(offset, buffer);
    }

    /// <summary>Stores bytes at an offset.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">Gives the write up; the range is then old, new, or a
    /// mixture.</param>
    /// <returns>A task that is done when every later read sees the bytes.</returns>
    public ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        CheckWritable();
        CheckRange(offset, data.Length);
        return WriteCoreAsync(offset, data, cancellationToken);
    }

    /// <summary>Stores bytes at an offset, holding the thread for as long as it takes.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    internal void Write(long offset, ReadOnlySpan<byte> data)
    {
        CheckWritable();
        CheckRange(offset, data.Length);
        WriteCore(offset, data);
    }

    /// <summary>Makes a range read as zeros, giving its storage back where the device
    /// can.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when every later read sees zeros.</returns>
    public ValueTask ZeroAsync(
        long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckWritable();
        CheckRange(offset, length);
        return ZeroCoreAsync(offset, length, cancellationToken);
    }

    /// <summary>Says that a range's content is of no further use. It may read as anything until it
    /// is written.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the device has taken the hint.</returns>
    public ValueTask TrimAsync(
        long offset, long length, CancellationToken cancellationToken = default)
    {
        CheckWritable();
        CheckRange(offset, length);
        return TrimCoreAsync(offset, length, cancellationToken);
    }

    /// <summary>Makes every write that has finished durable.</summary>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>A task that is done when they would survive the loss of power.</returns>
    public virtual ValueTask FlushAsync(CancellationToken cancellationToken = default) => default;

    /// <summary>Changes the device's size; bytes that are gained read as zeros.</summary>
    /// <param name="length">The new size in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when <see cref="Length"/> is the new size.</returns>
    /// <exception cref="NotSupportedException">The device's size is fixed.</exception>
    public virtual ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException($"The size of {this} is fixed.");

    /// <summary>What lies at an offset, and how far.</summary>
    /// <param name="offset">Where to look, in bytes; less than <see cref="Length"/>.</param>
    /// <param name="length">How far to look at the most, in bytes; at least 1.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>An extent that begins at the offset and is no longer than asked for; its neighbour
    /// may be
    /// of the same kind.</returns>
    public ValueTask<Extent> MapAsync(
        long offset, long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        CheckRange(offset, length);
        return MapCoreAsync(offset, length, cancellationToken);
    }

    /// <summary>The extents of a range, in order, without gaps; neighbours differ in
    /// kind.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The extents.</returns>
    public async IAsyncEnumerable<Extent> ExtentsAsync(
        long offset,
        long length,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CheckRange(offset, length);
        long end = offset + length;
        Extent pending = default;
        while (offset < end)
        {
            Extent next = await MapCoreAsync(offset, end - offset, cancellationToken)
                .ConfigureAwait(false);
            CheckExtent(next, offset, end);
            offset = next.End;
            if (pending.Length > 0 && pending.Kind != next.Kind)
            {
                yield return pending;
                pending = default;
            }

            pending = pending.Length == 0
                ? next
                : pending with { Length = pending.Length + next.Length };
        }

        if (pending.Length > 0)
        {
            yield return pending;
        }
    }

    /// <summary>A stream over the device, with a position of its own.</summary>
    /// <param name="leaveOpen">Whether the device outlives the stream.</param>
    /// <returns>A seekable stream; any number of them may be open on one device.</returns>
    public Stream AsStream(bool leaveOpen = true) => new BlockDeviceStream(this, leaveOpen);

    /// <summary>A writable disk over this device: what is written goes to a local file, and this
    /// device stays as it is.</summary>
    /// <param name="path">The overlay's file, which is made where it does not exist.</param>
    /// <param name="options">How it is made and kept.</param>
    /// <returns>The disk; the caller disposes of it, and then of this device.</returns>
    /// <remarks>Holds the thread for as long as local files take; where that matters there is
    /// <see cref="OverlayDisk.OpenAsync(BlockDevice, string, OverlayOptions?,
    /// CancellationToken)"/>.</remarks>
    /// <exception cref="BlockIOException">Refused: it was made over something else.</exception>
    /// <exception cref="IOException">The file cannot be opened, or another has it open.</exception>
    public OverlayDisk WithOverlay(string path, OverlayOptions? options = null) =>
        OverlayDisk.OpenAsync(this, path, options).GetAwaiter().GetResult();

    /// <summary>Makes the device at least so long; never shorter, whoever else is making it
    /// longer.</summary>
    /// <param name="length">The length in bytes that is needed.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the device is that long.</returns>
    /// <exception cref="NotSupportedException">The device's size is fixed.</exception>
    internal async ValueTask GrowAsync(long length, CancellationToken cancellationToken)
    {
        // Without the gate, the lesser of two growths could come last and cut off the other's
        // bytes.
        await _growth.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Length < length)
            {
                await SetLengthAsync(length, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _growth.Release();
        }
    }

    /// <summary>Closes the device.</summary>
    /// <returns>A task that is done when everything that it held is released.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return default;
    }

    /// <summary>The digest of a range's bytes, where the device has it in its books and need not
    /// read for it.</summary>
    /// <param name="offset">Where the range begins, in bytes.</param>
    /// <param name="length">How far it goes, in bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The digest; null where only reading can tell.</returns>
    internal virtual ValueTask<Digest?> FindDigestAsync(
        long offset, int length, CancellationToken cancellationToken) => default;

    /// <summary>Reads a range that has been checked.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">The buffer to fill.</param>
    /// <param name="cancellationToken">Gives the read up.</param>
    /// <returns>A task that is done when the buffer is full.</returns>
    protected abstract ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Reads a range that has been checked, synchronously.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="buffer">The buffer to fill.</param>
    protected virtual void ReadCore(long offset, Span<byte> buffer)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            ValueTask read = ReadCoreAsync(offset, rented.AsMemory(0, buffer.Length), default);
            if (read.IsCompleted)
            {
                read.GetAwaiter().GetResult();
            }
            else
            {
                read.AsTask().GetAwaiter().GetResult();
            }

            rented.AsSpan(0, buffer.Length).CopyTo(buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Writes a range that has been checked.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">Gives the write up.</param>
    /// <returns>A task that is done when the bytes can be read.</returns>
    protected virtual ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{this} cannot be written.");

    /// <summary>Writes a range that has been checked, synchronously.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="data">The bytes.</param>
    private protected virtual void WriteCore(long offset, ReadOnlySpan<byte> data)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            data.CopyTo(rented);
            WriteCoreAsync(offset, rented.AsMemory(0, data.Length), default)
                .AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Zeroes a range that has been checked; by default, with writes.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the range reads as zeros.</returns>
    protected virtual async ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        byte[] zeros = new byte[(int)Math.Min(length, 64 * 1024)];
        for (long done = 0; done < length;)
        {
            int count = (int)Math.Min(length - done, zeros.Length);
            await WriteCoreAsync(offset + done, zeros.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
            done += count;
        }
    }

    /// <summary>Takes the hint of a trim; by default, ignores it.</summary>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="length">How far, in bytes.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    /// <returns>A task that is done when the hint is taken.</returns>
    protected virtual ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) => default;

    /// <summary>Maps a range that has been checked; by default, all of it is data.</summary>
    /// <param name="offset">Where to look, in bytes.</param>
    /// <param name="length">How far to look at the most, in bytes.</param>
    /// <param name="cancellationToken">Gives the look-up up.</param>
    /// <returns>The extent at the offset.</returns>
    protected virtual ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        new(new Extent(offset, length, ExtentKind.Data));

    private void CheckRange(long offset, long length)
    {
        // As unsigned numbers negative ones are too large, and the difference cannot overflow. The
        // device's length is taken once, for another thread may be changing it.
        long bound = Length;
        if ((ulong)offset > (ulong)bound || (ulong)length > (ulong)(bound - offset))
        {
            ThrowOutOfRange(offset, length, bound);
        }
    }

    // Apart, so that the check is small enough to be inlined into every read.
    [DoesNotReturn]
    private static void ThrowOutOfRange(long offset, long length, long bound) =>
        throw new ArgumentOutOfRangeException(
            nameof(offset),
            $"The range of {length} bytes at {offset} does not lie within {bound} bytes.");

    // A device that maps wrongly would otherwise be copied with gaps, or for ever.
    private void CheckExtent(Extent extent, long offset, long end)
    {
        if (extent.Offset != offset || extent.Length <= 0 || extent.Length > end - offset)
        {
            throw new InvalidOperationException(
                $"{this} was asked what lies from {offset} to {end}, and answers {extent}.");
        }
    }

    private void CheckWritable()
    {
        if (!CanWrite)
        {
            throw new NotSupportedException($"{this} cannot be written.");
        }
    }
}
