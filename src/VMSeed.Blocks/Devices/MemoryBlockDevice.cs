using System.Collections.Concurrent;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Devices;

/// <summary>A device in memory that occupies only what was written; for tests and for scratch
/// space.</summary>
/// <remarks>
/// Bytes lie in chunks, chunks in regions; what was never written has neither. Readers take no
/// lock: a chunk, once it is there, is written in place, and one that is zeroed as a whole is let
/// go. A write that meets such a zeroing in flight may be lost with it, as overlapping writes may.
/// </remarks>
public sealed class MemoryBlockDevice : BlockDevice
{
    // What one written byte costs. Smaller chunks make large writes walk more, larger waste more.
    private const int ChunkSize = 64 * 1024;

    // 64 MiB of addresses for 8 KiB of table: the map of an empty TiB takes 16,384 look-ups.
    private const int ChunksPerRegion = 1024;

    private readonly ConcurrentDictionary<long, byte[]?[]> _regions = new();
    private readonly Lock _lengthGate = new();
    private long _length;
    private volatile bool _disposed;

    /// <summary>Makes a device that reads as zeros.</summary>
    /// <param name="length">Its length in bytes.</param>
    public MemoryBlockDevice(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _length = length;
    }

    /// <summary>Makes a device that holds a copy of bytes.</summary>
    /// <param name="content">The bytes; the device is as long.</param>
    public MemoryBlockDevice(ReadOnlySpan<byte> content)
        : this(content.Length) => Store(0, content);

    /// <inheritdoc/>
    public override long Length => Volatile.Read(ref _length);

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override ValueTask SetLengthAsync(
        long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckUse(cancellationToken);
        lock (_lengthGate)
        {
            long cut = _length - length;
            Volatile.Write(ref _length, length);
            if (cut > 0)
            {
                Clear(length, cut);
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        CheckUse(cancellationToken);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        _disposed = true;
        _regions.Clear();
        return base.DisposeAsync();
    }

    /// <summary>Says what this is, and how long.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Length} bytes of memory";

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        ReadCore(offset, buffer.Span);
        return default;
    }

    /// <inheritdoc/>
    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (buffer.Length > 0)
        {
            int start = (int)(offset % ChunkSize);
            Span<byte> part = buffer[..Math.Min(buffer.Length, ChunkSize - start)];
            if (Find(offset / ChunkSize) is { } chunk)
            {
                chunk.AsSpan(start, part.Length).CopyTo(part);
            }
            else
            {
                part.Clear();
            }

            buffer = buffer[part.Length..];
            offset += part.Length;
        }
    }

    /// <inheritdoc/>
    protected override ValueTask WriteCoreAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        Store(offset, data.Span);
        return default;
    }

    /// <inheritdoc/>
    protected override ValueTask ZeroCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        Clear(offset, length);
        return default;
    }

    /// <inheritdoc/>
    protected override ValueTask TrimCoreAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        ZeroCoreAsync(offset, length, cancellationToken);

    /// <inheritdoc/>
    protected override ValueTask<Extent> MapCoreAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        CheckUse(cancellationToken);
        bool isData = Find(offset / ChunkSize) is not null;
        long covered = 0;
        do
        {
            long next = offset + covered;
            covered += Math.Min(Reach(next, FindRegion(next)), length - covered);
        }
        while (covered < length && Find((offset + covered) / ChunkSize) is not null == isData);

        return new(new Extent(offset, covered, isData ? ExtentKind.Data : ExtentKind.Zero));
    }

    private void CheckUse(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private byte[]?[]? FindRegion(long offset) =>
        _regions.GetValueOrDefault(offset / ChunkSize / ChunksPerRegion);

    private byte[]? Find(long chunk)
    {
        byte[]?[]? region = FindRegion(chunk * ChunkSize);
        return region is null ? null : Volatile.Read(ref region[chunk % ChunksPerRegion]);
    }

    private byte[] FindOrAdd(long index)
    {
        byte[]?[] region = _regions.GetOrAdd(
            index / ChunksPerRegion, static _ => new byte[]?[ChunksPerRegion]);
        ref byte[]? place = ref region[index % ChunksPerRegion];
        byte[]? chunk = Volatile.Read(ref place);
        if (chunk is not null)
        {
            return chunk;
        }

        byte[] fresh = new byte[ChunkSize];
        return Interlocked.CompareExchange(ref place, fresh, null) ?? fresh;
    }

    private void Store(long offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            int start = (int)(offset % ChunkSize);
            ReadOnlySpan<byte> part = data[..Math.Min(data.Length, ChunkSize - start)];
            part.CopyTo(FindOrAdd(offset / ChunkSize).AsSpan(start));
            data = data[part.Length..];
            offset += part.Length;
        }
    }

    private void Clear(long offset, long length)
    {
        while (length > 0)
        {
            byte[]?[]? region = FindRegion(offset);
            long count = Math.Min(Reach(offset, region), length);
            if (region is not null)
            {
                ClearWithin(
                    ref region[offset / ChunkSize % ChunksPerRegion],
                    (int)(offset % ChunkSize),
                    (int)count);
            }

            offset += count;
            length -= count;
        }
    }

    private static void ClearWithin(ref byte[]? chunk, int start, int length)
    {
        if (length == ChunkSize)
        {
            Volatile.Write(ref chunk, null);
        }
        else
        {
            Volatile.Read(ref chunk)?.AsSpan(start, length).Clear();
        }
    }

    // How far it is to the end of the chunk or, where there is no region, of what would be one.
    private static long Reach(long offset, byte[]?[]? region)
    {
        long step = region is null ? (long)ChunkSize * ChunksPerRegion : ChunkSize;
        return step - (offset % step);
    }
}
