namespace VMSeed.Blocks.Images.Packs;

/// <summary>The packs, frames and blocks that a leaf, or a profile, consists of.</summary>
/// <param name="Packs">The packs that the frames lie in.</param>
/// <param name="Frames">The frames that the blocks lie in.</param>
/// <param name="Blocks">The blocks.</param>
internal sealed record FrameTable(PackRecord[] Packs, FrameRecord[] Frames, BlockRecord[] Blocks)
{
    /// <summary>How many bytes a table of these counts takes.</summary>
    public static long SizeOf(long packs, long frames, long blocks) =>
        (packs * PackRecord.Size) + (frames * FrameRecord.Size) + (blocks * BlockRecord.Size);

    /// <summary>Reads packs and frames, which stand first in every table.</summary>
    public static (PackRecord[] Packs, FrameRecord[] Frames) ReadFrames(
        ReadOnlySpan<byte> bytes, int packCount, int frameCount)
    {
        var packs = new PackRecord[packCount];
        for (int i = 0; i < packCount; i++)
        {
            packs[i] = PackRecord.Read(bytes[(i * PackRecord.Size)..]);
            Refuse(PackFormat.FaultIn(packs[i]));
        }

        bytes = bytes[(packCount * PackRecord.Size)..];
        var frames = new FrameRecord[frameCount];
        for (int i = 0; i < frameCount; i++)
        {
            frames[i] = FrameRecord.Read(bytes[(i * FrameRecord.Size)..]);
            Refuse(frames[i].FaultIn(packs));
        }

        return (packs, frames);
    }

    /// <summary>Reads the blocks, each held to its frame.</summary>
    public static BlockRecord[] ReadBlocks(
        ReadOnlySpan<byte> bytes, FrameRecord[] frames, Func<int, int> blockLength, int count)
    {
        var blocks = new BlockRecord[count];
        for (int i = 0; i < count; i++)
        {
            blocks[i] = BlockRecord.Read(bytes[(i * BlockRecord.Size)..]);
            Refuse(blocks[i].FaultIn(frames, blockLength(i)));
        }

        return blocks;
    }

    /// <summary>Writes packs and frames.</summary>
    /// <returns>What is left of the buffer.</returns>
    public Span<byte> WriteFrames(Span<byte> bytes)
    {
        foreach (PackRecord pack in Packs)
        {
            pack.Write(bytes);
            bytes = bytes[PackRecord.Size..];
        }

        foreach (FrameRecord frame in Frames)
        {
            frame.Write(bytes);
            bytes = bytes[FrameRecord.Size..];
        }

        return bytes;
    }

    /// <summary>Writes the blocks.</summary>
    public void WriteBlocks(Span<byte> bytes)
    {
        foreach (BlockRecord block in Blocks)
        {
            block.Write(bytes);
            bytes = bytes[BlockRecord.Size..];
        }
    }

    private static void Refuse(string? fault)
    {
        if (fault is not null)
        {
            throw new InvalidDataException(fault);
        }
    }
}
