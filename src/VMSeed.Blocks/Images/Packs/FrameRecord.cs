using System.Buffers.Binary;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>Where a frame's stored bytes lie, and what they must hash to.</summary>
/// <param name="Pack">Which of the packs that stand beside it.</param>
/// <param name="Offset">Where in the pack, in bytes.</param>
/// <param name="StoredLength">How many bytes it has there.</param>
/// <param name="PlainLength">How many bytes it decodes to.</param>
/// <param name="Codec">What decodes it.</param>
/// <param name="Digest">The short digest of the stored bytes.</param>
internal readonly record struct FrameRecord(
    int Pack, long Offset, int StoredLength, int PlainLength, FrameCodec Codec, ShortDigest Digest)
{
    public const int Size = 32;

    /// <summary>Memory that one read of one block may cost.</summary>
    public const int MaxPlainLength = 4 * 1024 * 1024;

    // Plain length and codec share a word: 4 MiB needs 23 bits.
    private const int CodecShift = 24;

    public static FrameRecord Read(ReadOnlySpan<byte> bytes)
    {
        uint lengthAndCodec = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        return new(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            (int)(lengthAndCodec & ((1u << CodecShift) - 1)),
            (FrameCodec)(lengthAndCodec >> CodecShift),
            ShortDigest.Read(bytes[16..]));
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Pack);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], StoredLength);
        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes[12..], (uint)PlainLength | ((uint)Codec << CodecShift));
        Digest.CopyTo(bytes[16..]);
    }

    /// <summary>What is wrong with the record, or null: all that can be said without its
    /// bytes.</summary>
    public string? FaultIn(ReadOnlySpan<PackRecord> packs)
    {
        if ((uint)Pack >= (uint)packs.Length)
        {
            return $"A frame names pack {Pack} of {packs.Length}.";
        }

        long end = Offset + (uint)StoredLength;
        return StoredLength <= 0 || PlainLength is <= 0 or > MaxPlainLength
                || StoredLength > PlainLength
            ? $"A frame has {StoredLength} stored bytes for {PlainLength} plain ones."
            : Offset < PackFormat.HeaderSize || end > packs[Pack].Length - PackFormat.FooterSize
                ? $"A frame's bytes {Offset} to {end} leave its pack of {packs[Pack].Length}."
                : !FrameDecoder.Knows(Codec) ? $"The codec {(int)Codec} is not known." : null;
    }
}
