using System.Buffers.Binary;
using VMSeed.Blocks.Codecs;

namespace VMSeed.Blocks.Images;

/// <summary>The wrapping of index pages and profiles (docs/IMAGE-FORMAT.md, section 4.1).</summary>
internal static class Envelope
{
    /// <summary>Bytes before the encoded page.</summary>
    public const int HeaderSize = 12;

    /// <summary>More than any page of the largest fanout; the memory that one page may
    /// cost.</summary>
    public const int MaxPlainLength = 16 * 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "VMSE"u8;

    /// <summary>Wraps a page.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> plain, FrameEncoder encoder)
    {
        byte[] buffer = new byte[HeaderSize + plain.Length];
        int length = encoder.Encode(plain, buffer.AsSpan(HeaderSize), out FrameCodec codec);
        Magic.CopyTo(buffer);
        buffer[4] = (byte)codec;
        BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(8), plain.Length);
        return buffer[..(HeaderSize + length)];
    }

    /// <summary>Unwraps a page.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public static byte[] Open(ReadOnlyMemory<byte> stored)
    {
        ReadOnlySpan<byte> header = stored.Span;
        if (header.Length < HeaderSize || !header[..4].SequenceEqual(Magic)
            || (header[5] | header[6] | header[7]) != 0)
        {
            throw new InvalidDataException("The object is not an envelope of format 1.");
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (length is < 0 or > MaxPlainLength)
        {
            throw new InvalidDataException(
                $"The envelope announces {length} bytes; the limit is {MaxPlainLength}.");
        }

        byte[] plain = new byte[length];
        FrameDecoder.Decode((FrameCodec)header[4], stored[HeaderSize..], plain);
        return plain;
    }
}
