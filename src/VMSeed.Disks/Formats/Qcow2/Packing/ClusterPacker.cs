using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using VMSeed.Disks.Formats.Qcow2.Header;
using ZstdSharp;

namespace VMSeed.Disks.Formats.Qcow2.Packing;

/// <summary>Compresses clusters; on any number of threads at once.</summary>
internal sealed class ClusterPacker(Qcow2Geometry geometry, Qcow2Compression compression)
    : IDisposable
{
    /// <summary>What zstd and QEMU take when they are not told: 3. Higher levels are a few percent
    /// smaller in clusters of 64 KiB, and several times slower.</summary>
    private const int ZstdLevel = 3;

    private readonly ConcurrentBag<Compressor> _compressors = [];

    /// <summary>Compresses a cluster.</summary>
    /// <param name="plain">The cluster; the last of a disk may be shorter.</param>
    /// <returns>What is to be stored.</returns>
    public PackedCluster Pack(ReadOnlySpan<byte> plain)
    {
        if (!plain.ContainsAnyExcept((byte)0))
        {
            return PackedCluster.Zeros;
        }

        int size = geometry.ClusterSize;
        byte[] whole = ArrayPool<byte>.Shared.Rent(size);
        plain.CopyTo(whole);
        whole.AsSpan(plain.Length..size).Clear();
        byte[] packed = ArrayPool<byte>.Shared.Rent(size);
        int length = compression == Qcow2Compression.Zlib
            ? Deflate(whole.AsMemory(0, size), packed.AsMemory(0, size - 1))
            : Zstd(whole.AsSpan(0, size), packed.AsSpan(0, size - 1));
        (byte[] kept, byte[] spare) = length > 0 ? (packed, whole) : (whole, packed);
        ArrayPool<byte>.Shared.Return(spare);
        return new PackedCluster(kept, length > 0 ? length : size, length > 0);
    }

    /// <summary>Lets the compressors go.</summary>
    public void Dispose()
    {
        while (_compressors.TryTake(out Compressor? compressor))
        {
            compressor.Dispose();
        }
    }

    // 0 where it does not become smaller.
    private static int Deflate(ReadOnlyMemory<byte> plain, Memory<byte> packed)
    {
        using var target = new BoundedStream(packed);
        using (var deflater = new DeflateStream(
            target, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflater.Write(plain.Span);
        }

        return target.HasRoom ? (int)target.Position : 0;
    }

    private int Zstd(ReadOnlySpan<byte> plain, Span<byte> packed)
    {
        if (!_compressors.TryTake(out Compressor? compressor))
        {
            compressor = new Compressor(ZstdLevel);
        }

        try
        {
            return compressor.TryWrap(plain, packed, out int written) ? written : 0;
        }
        finally
        {
            _compressors.Add(compressor);
        }
    }
}
