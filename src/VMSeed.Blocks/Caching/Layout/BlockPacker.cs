using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;
using VMSeed.Blocks.Codecs;

namespace VMSeed.Blocks.Caching.Layout;

/// <summary>Compresses blocks for a store, and gives them back.</summary>
/// <remarks>
/// The stored form is a length and a checksum of four bytes each, then one zstd frame. The checksum
/// covers the digest as well: bytes that are whole but another block's never reach the decoder.
/// </remarks>
internal static class BlockPacker
{
    // The fastest: the bytes were unpacked a moment ago, and somebody waits for the next ones.
    private const int Level = 1;

    private const int CheckAt = sizeof(int);
    private const int HeaderBytes = 2 * sizeof(int);

    private static readonly ConcurrentBag<FrameEncoder> s_encoders = [];

    /// <summary>Compresses a block, unless that would spare no unit.</summary>
    /// <param name="entry">The block.</param>
    /// <returns>The form to store.</returns>
    public static StoredBlock Pack(CacheEntry entry)
    {
        StoredBlock plain = new(entry.Digest, entry.Plain.Length, entry.Plain, IsCompressed: false);
        if (plain.Units == 1)
        {
            return plain;
        }

        byte[] bytes = new byte[HeaderBytes + entry.Plain.Length];
        int length = HeaderBytes + Encode(
            entry.Plain.Span, bytes.AsSpan(HeaderBytes), out FrameCodec codec);
        if (codec == FrameCodec.None || StoreGeometry.UnitsOf(length) >= plain.Units)
        {
            return plain;
        }

        uint check = Check(entry.Digest.Prefix, bytes.AsSpan(HeaderBytes, length - HeaderBytes));
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CheckAt), check);
        return new(entry.Digest, entry.Plain.Length, bytes.AsMemory(0, length), IsCompressed: true);
    }

    /// <summary>Decompresses a block.</summary>
    /// <param name="name">The first 64 bits of its digest.</param>
    /// <param name="stored">The units that it occupies.</param>
    /// <param name="plain">Where its plain bytes go; exactly their length.</param>
    /// <exception cref="InvalidDataException">The units hold something else.</exception>
    public static void Unpack(ulong name, ReadOnlyMemory<byte> stored, Span<byte> plain)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(stored.Span);
        bool fits = length > HeaderBytes && length <= stored.Length;
        ReadOnlyMemory<byte> frame = fits ? stored[HeaderBytes..length] : default;
        uint check = BinaryPrimitives.ReadUInt32LittleEndian(stored.Span[CheckAt..]);
        if (check != Check(name, frame.Span))
        {
            throw new InvalidDataException("The stored bytes are not those of the block.");
        }

        FrameDecoder.Decode(FrameCodec.Zstd, frame, plain);
    }

    private static int Encode(ReadOnlySpan<byte> plain, Span<byte> stored, out FrameCodec codec)
    {
        if (!s_encoders.TryTake(out FrameEncoder? encoder))
        {
            encoder = new FrameEncoder(FrameCodec.Zstd, Level);
        }

        int length = encoder.Encode(plain, stored, out codec);
        s_encoders.Add(encoder);
        return length;
    }

    private static uint Check(ulong name, ReadOnlySpan<byte> frame)
    {
        uint check = BitOperations.Crc32C(uint.MaxValue, name);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(frame);
        foreach (ulong word in words)
        {
            check = BitOperations.Crc32C(check, word);
        }

        foreach (byte value in frame[(words.Length * sizeof(ulong))..])
        {
            check = BitOperations.Crc32C(check, value);
        }

        return check;
    }
}
