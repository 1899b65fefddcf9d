using System.Buffers;
using System.IO.Compression;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;

namespace VMSeed.Disks.Formats.Qcow2.Packing;

/// <summary>Reads compressed clusters.</summary>
internal sealed class ClusterUnpacker(
    BlockDevice file, Qcow2Geometry geometry, Qcow2Compression compression)
{
    /// <summary>Fills a buffer with a cluster's plain bytes.</summary>
    /// <param name="descriptor">What the L2 entry says of its place.</param>
    /// <param name="target">A cluster, or the part of it that lies within the disk.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public async ValueTask UnpackAsync(
        long descriptor, Memory<byte> target, CancellationToken cancellationToken)
    {
        var place = PackedPlace.Parse(descriptor, geometry);
        int length = (int)Math.Clamp(file.Length - place.Offset, 0, place.Length);
        byte[] stored = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await file.ReadAsync(
                length == 0 ? 0 : place.Offset, stored.AsMemory(0, length), cancellationToken)
                .ConfigureAwait(false);
            Decode(stored, length, target.Span);
        }
        catch (InvalidDataException failure)
        {
            throw new DiskFormatException(
                DiskFault.Corrupt,
                $"The compressed cluster at {place.Offset} of the qcow2 cannot be unpacked: "
                + failure.Message,
                failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    private void Decode(byte[] stored, int length, Span<byte> target)
    {
        if (compression == Qcow2Compression.Zlib)
        {
            using var inflater = new DeflateStream(
                new MemoryStream(stored, 0, length, writable: false), CompressionMode.Decompress);
            int got = inflater.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
            if (got < target.Length)
            {
                throw new InvalidDataException($"It ends after {got} bytes.");
            }

            return;
        }

        if (target.Length == geometry.ClusterSize)
        {
            ZstdFrames.Decode(stored.AsSpan(0, length), target);
            return;
        }

        byte[] whole = ArrayPool<byte>.Shared.Rent(geometry.ClusterSize);
        try
        {
            ZstdFrames.Decode(stored.AsSpan(0, length), whole.AsSpan(0, geometry.ClusterSize));
            whole.AsSpan(0, target.Length).CopyTo(target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }
}
