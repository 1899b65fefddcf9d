using System.Collections.Concurrent;
using System.IO.Compression;
using ZstdSharp;

namespace VMSeed.Blocks.Codecs;

/// <summary>Decodes frames into buffers of exactly their plain length.</summary>
/// <remarks>
/// The stored bytes have passed their digest, so what a decoder meets is what a publisher made; a
/// publisher can still lie, and a frame that decodes to another length is an error, found within
/// the buffer that the caller has granted.
/// </remarks>
internal static class FrameDecoder
{
    // A zstd context is some 150 KiB and costs more to make than a small frame to decode.
    private static readonly ConcurrentBag<Decompressor> _zstd = [];

    /// <summary>Whether this reader has the codec.</summary>
    public static bool Knows(FrameCodec codec) =>
        codec is FrameCodec.None or FrameCodec.Zstd or FrameCodec.Deflate;

    /// <summary>Decodes a whole frame.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame of that plain
    /// length.</exception>
    public static void Decode(FrameCodec codec, ReadOnlyMemory<byte> stored, Span<byte> plain)
    {
        int length = codec switch
        {
            FrameCodec.None => Copy(stored.Span, plain),
            FrameCodec.Zstd => DecodeZstd(stored.Span, plain),
            FrameCodec.Deflate => DecodeDeflate(stored, plain),
            _ => throw new InvalidDataException($"The codec {(int)codec} is not known."),
        };
        if (length != plain.Length)
        {
            throw new InvalidDataException(
                $"The frame holds {length} bytes where {plain.Length} were announced.");
        }
    }

    private static int Copy(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        if (stored.Length == plain.Length)
        {
            stored.CopyTo(plain);
        }

        return stored.Length;
    }

    private static int DecodeZstd(ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        if (!_zstd.TryTake(out Decompressor? decompressor))
        {
            decompressor = new Decompressor();
        }

        try
        {
            return decompressor.Unwrap(stored, plain);
        }
        catch (ZstdException exception)
        {
            throw new InvalidDataException($"Not a zstd frame: {exception.Message}.", exception);
        }
        finally
        {
            _zstd.Add(decompressor);
        }
    }

    private static int DecodeDeflate(ReadOnlyMemory<byte> stored, Span<byte> plain)
    {
        using var inflater = new ZLibStream(
            new MemoryStream(stored.ToArray(), writable: false), CompressionMode.Decompress);
        int length = inflater.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
        return length == plain.Length && inflater.ReadByte() >= 0 ? length + 1 : length;
    }
}
