using System.Buffers.Binary;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>A block as a leaf names it.</summary>
/// <param name="Digest">The digest of its plain bytes; empty for a zero block.</param>
/// <param name="Frame">Which of the frames that stand beside it; -1 for a zero block.</param>
/// <param name="Place">Where it begins in the frame's plain bytes.</param>
internal readonly record struct BlockRecord(Digest Digest, int Frame, int Place)
{
    public const int Size = 40;

    public static BlockRecord Zero { get; } = new(default, -1, 0);

    public bool IsZero => Frame < 0;

    public static BlockRecord Read(ReadOnlySpan<byte> bytes) => new(
        new Digest(bytes[..32]),
        BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]) - 1,
        BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]));

    public void Write(Span<byte> bytes)
    {
        Digest.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], Frame + 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], Place);
    }

    /// <summary>What is wrong with the record, or null.</summary>
    public string? FaultIn(ReadOnlySpan<FrameRecord> frames, int blockLength) =>
        Frame == -1
            ? Digest.IsEmpty && Place == 0 ? null : "A zero block has a digest or a place."
            : (uint)Frame >= (uint)frames.Length
                ? $"A block names frame {Frame} of {frames.Length}."
                : Place < 0 || (long)Place + blockLength > frames[Frame].PlainLength
                    ? $"A block of {blockLength} bytes at {Place} leaves its frame of "
                        + $"{frames[Frame].PlainLength}."
                    : null;
}
