using System.Buffers;
using System.IO.Compression;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Formats.Cloop;

/// <summary>Unpacks blocks into buffers of exactly their size.</summary>
/// <remarks>What a block claims to be, it can neither make the buffer larger nor read past the
/// bytes that it was given.</remarks>
internal static class CloopUnpacker
{
    public static async ValueTask UnpackAsync(
        BlockDevice file,
        CloopBlock block,
        Memory<byte> target,
        CancellationToken cancellationToken)
    {
        if (block.Codec == CloopCodec.None && block.Length >= target.Length)
        {
            await file.ReadAsync(block.Offset, target, cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[] packed = ArrayPool<byte>.Shared.Rent(block.Length);
        try
        {
            await file.ReadAsync(block.Offset, packed.AsMemory(0, block.Length), cancellationToken)
                .ConfigureAwait(false);
            Unpack(block, packed, target.Span);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    private static void Unpack(CloopBlock block, byte[] packed, Span<byte> target)
    {
        int length;
        try
        {
            length = block.Codec switch
            {
                CloopCodec.Zlib => Inflate(packed, block.Length, target),
                CloopCodec.Zstd => Unzstd(packed.AsSpan(0, block.Length), target),
                CloopCodec.None => block.Length,
                _ => throw DiskFormatException.Unsupported(
                    $"The block at {block.Offset} of the cloop image is packed with "
                    + $"{Name(block.Codec)}; zlib and plain blocks are read."),
            };
        }
        catch (Exception failure) when (
            failure is InvalidDataException or EndOfStreamException)
        {
            throw new DiskFormatException(
                DiskFault.Corrupt,
                $"The block at {block.Offset} of the cloop image does not unpack as "
                + $"{Name(block.Codec)}.",
                failure);
        }

        if (length != target.Length)
        {
            throw DiskFormatException.Corrupt(
                $"The block at {block.Offset} of the cloop image does not hold {target.Length} "
                + "bytes.");
        }
    }

    // One byte further than the block, so that the check sum at the stream's end is compared.
    private static int Inflate(byte[] packed, int count, Span<byte> target)
    {
        using var stream = new ZLibStream(
            new MemoryStream(packed, 0, count, writable: false), CompressionMode.Decompress);
        int length = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        return length == target.Length && stream.ReadByte() >= 0 ? length + 1 : length;
    }

    private static int Unzstd(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        ZstdFrames.Decode(packed, target);
        return target.Length;
    }

    private static string Name(CloopCodec codec) => Enum.IsDefined(codec)
        ? codec.ToString().ToLowerInvariant()
        : $"the codec of number {(int)codec}";
}
