using System.IO.Compression;
using ZstdSharp;

namespace VMSeed.Blocks.Codecs;

/// <summary>Encodes frames with one codec. An instance serves one thread at a time.</summary>
/// <param name="codec">The codec that frames get unless it makes them larger.</param>
/// <param name="level">1 to 22 for zstd, 1 to 9 for deflate.</param>
internal sealed class FrameEncoder(FrameCodec codec, int level) : IDisposable
{
    private readonly Compressor? _zstd =
        codec == FrameCodec.Zstd ? new Compressor(level) : null;

    /// <summary>The highest level of a codec; 0 where it has none.</summary>
    public static int MaxLevel(FrameCodec codec) => codec switch
    {
        FrameCodec.Zstd => Compressor.MaxCompressionLevel,
        FrameCodec.Deflate => 9,
        _ => 0,
    };

    /// <summary>Encodes a frame into a buffer of at least its plain length.</summary>
    /// <param name="plain">The frame's plain bytes.</param>
    /// <param name="stored">Where to put the stored bytes.</param>
    /// <param name="used">The codec that they came out in.</param>
    /// <returns>How many bytes there are; never more than the plain length.</returns>
    public int Encode(ReadOnlySpan<byte> plain, Span<byte> stored, out FrameCodec used)
    {
        int length = codec switch
        {
            _ when plain.IsEmpty => 0,
            FrameCodec.Zstd => EncodeZstd(plain, stored),
            FrameCodec.Deflate => EncodeDeflate(plain, stored),
            _ => int.MaxValue,
        };
        used = codec;
        if (length >= plain.Length)
        {
            plain.CopyTo(stored);
            used = FrameCodec.None;
            length = plain.Length;
        }

        return length;
    }

    /// <inheritdoc/>
    public void Dispose() => _zstd?.Dispose();

    private int EncodeZstd(ReadOnlySpan<byte> plain, Span<byte> stored) =>
        // One byte less than the plain length: what does not fit there is stored plain.
        _zstd!.TryWrap(plain, stored[..(plain.Length - 1)], out int written)
            ? written
            : int.MaxValue;

    private int EncodeDeflate(ReadOnlySpan<byte> plain, Span<byte> stored)
    {
        using var output = new MemoryStream(plain.Length);
        var options = new ZLibCompressionOptions { CompressionLevel = level };
        using (var deflater = new ZLibStream(output, options, leaveOpen: true))
        {
            deflater.Write(plain);
        }

        if (output.Length >= plain.Length)
        {
            return int.MaxValue;
        }

        output.GetBuffer().AsSpan(0, (int)output.Length).CopyTo(stored);
        return (int)output.Length;
    }
}
