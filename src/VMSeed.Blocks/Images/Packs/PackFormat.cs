using System.Buffers.Binary;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>The layout of packs (docs/IMAGE-FORMAT.md, section 3).</summary>
internal static class PackFormat
{
    /// <summary>Bytes before the first frame.</summary>
    public const int HeaderSize = 8;

    /// <summary>The last bytes of a pack, which say where the trailer begins.</summary>
    public const int FooterSize = 32;

    /// <summary>Offsets have 32 bits, and tools copy packs whole.</summary>
    public const long MaxLength = 1L << 30;

    private const int BlockRecordSize = Digest.Size + 4;

    public static ReadOnlySpan<byte> Header => "VMSPACK1"u8;

    private static ReadOnlySpan<byte> Footer => "VMSPEND1"u8;

    /// <summary>What is wrong with a pack's record, or null.</summary>
    public static string? FaultIn(PackRecord pack) =>
        pack.Length is < HeaderSize + FooterSize or > MaxLength
            ? $"A pack of {pack.Length} bytes is not between {HeaderSize + FooterSize} and 1 GiB."
            : null;

    /// <summary>Bytes of the trailer and the footer of a pack.</summary>
    public static long TrailerSize(long frames, long blocks) =>
        (frames * FrameRecord.Size) + (blocks * BlockRecordSize) + FooterSize;

    /// <summary>Makes the trailer and the footer of a pack.</summary>
    public static byte[] BuildTrailer(long trailerOffset, IReadOnlyList<PackedFrame> frames)
    {
        int blockCount = frames.Sum(frame => frame.Blocks.Length);
        int size = (frames.Count * FrameRecord.Size) + (blockCount * BlockRecordSize);
        byte[] trailer = new byte[size + FooterSize];
        Span<byte> blocks = trailer.AsSpan(frames.Count * FrameRecord.Size);
        for (int i = 0; i < frames.Count; i++)
        {
            (frames[i].Frame with { Pack = 0 }).Write(trailer.AsSpan(i * FrameRecord.Size));
            foreach (PackedBlock block in frames[i].Blocks)
            {
                block.Digest.CopyTo(blocks);
                BinaryPrimitives.WriteInt32LittleEndian(blocks[Digest.Size..], block.Place);
                blocks = blocks[BlockRecordSize..];
            }
        }

        Span<byte> footer = trailer.AsSpan(size);
        BinaryPrimitives.WriteInt64LittleEndian(footer, trailerOffset);
        BinaryPrimitives.WriteInt32LittleEndian(footer[8..], frames.Count);
        BinaryPrimitives.WriteInt32LittleEndian(footer[12..], blockCount);
        Footer.CopyTo(footer[24..]);
        return trailer;
    }

    /// <summary>Reads the footer: where the trailer begins and what it counts.</summary>
    /// <exception cref="InvalidDataException">It does not fit a pack of that length.</exception>
    public static (long Trailer, int Frames, int Blocks) ReadFooter(
        ReadOnlySpan<byte> footer, long packLength)
    {
        if (footer.Length != FooterSize)
        {
            throw new InvalidDataException($"A footer of {footer.Length} bytes cannot be.");
        }

        long trailer = BinaryPrimitives.ReadInt64LittleEndian(footer);
        long frames = BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]);
        long blocks = BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]);
        long size = (frames * FrameRecord.Size) + (blocks * BlockRecordSize);
        return footer[24..].SequenceEqual(Footer)
            && BinaryPrimitives.ReadInt64LittleEndian(footer[16..]) == 0
            && trailer >= HeaderSize && trailer + size + FooterSize == packLength
            ? (trailer, (int)frames, (int)blocks)
            : throw new InvalidDataException("The file does not end like a pack of format 1.");
    }

    /// <summary>Reads the trailer: every block with its frame.</summary>
    /// <exception cref="InvalidDataException">It does not hold together.</exception>
    public static IEnumerable<(Digest Digest, BlockLocation Location)> ReadTrailer(
        ReadOnlyMemory<byte> trailer, PackRecord pack, int frameCount, int blockCount)
    {
        if (trailer.Length != TrailerSize(frameCount, blockCount) - FooterSize)
        {
            throw new InvalidDataException($"A trailer of {trailer.Length} bytes cannot be.");
        }

        int block = 0;
        for (int i = 0; i < frameCount; i++)
        {
            FrameRecord frame = FrameRecord.Read(trailer.Span[(i * FrameRecord.Size)..]);
            if (frame.FaultIn([pack]) is { } fault)
            {
                throw new InvalidDataException(fault);
            }

            // A frame's blocks follow one another; the next frame's begin at place 0 again.
            int previous = -1;
            for (; block < blockCount; block++)
            {
                ReadOnlySpan<byte> record = trailer.Span[
                    ((frameCount * FrameRecord.Size) + (block * BlockRecordSize))..];
                int place = BinaryPrimitives.ReadInt32LittleEndian(record[Digest.Size..]);
                if (place <= previous || place >= frame.PlainLength)
                {
                    break;
                }

                previous = place;
                yield return (new Digest(record[..Digest.Size]), new(pack, frame, place));
            }
        }

        if (block != blockCount)
        {
            throw new InvalidDataException("The pack's trailer lists blocks without a frame.");
        }
    }
}
