using System.Buffers.Binary;
using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Images;

/// <summary>The layout of index pages (docs/IMAGE-FORMAT.md, section 4.2).</summary>
/// <remarks>
/// A page's bytes are those that its parent stands for, so what is checked here is what a lying
/// publisher could do to a reader: a page in the place of another, numbers that point outside.
/// </remarks>
internal static class IndexPage
{
    private const int HeaderSize = 32;

    private static ReadOnlySpan<byte> Magic => "VMSINDEX"u8;

    /// <summary>Writes a leaf.</summary>
    public static byte[] WriteLeaf(long firstBlock, FrameTable table)
    {
        long size = FrameTable.SizeOf(table.Packs.Length, table.Frames.Length, table.Blocks.Length);
        byte[] page = new byte[HeaderSize + size];
        WriteHeader(page, 0, table.Blocks.Length, firstBlock);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(24), table.Packs.Length);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(28), table.Frames.Length);
        table.WriteBlocks(table.WriteFrames(page.AsSpan(HeaderSize)));
        return page;
    }

    /// <summary>Writes a page above the leaves.</summary>
    public static byte[] WriteBranch(int level, long firstChild, ReadOnlySpan<ChildRecord> children)
    {
        byte[] page = new byte[HeaderSize + (children.Length * ChildRecord.Size)];
        WriteHeader(page, level, children.Length, firstChild);
        for (int i = 0; i < children.Length; i++)
        {
            children[i].Write(page.AsSpan(HeaderSize + (i * ChildRecord.Size)));
        }

        return page;
    }

    /// <summary>Reads a leaf.</summary>
    /// <exception cref="InvalidDataException">It is not the leaf that belongs there.</exception>
    public static FrameTable ReadLeaf(ReadOnlySpan<byte> page, ImageGeometry geometry, long leaf)
    {
        long firstBlock = leaf * geometry.Fanout;
        int count = ReadHeader(page, 0, geometry.EntriesOfPage(0, leaf), firstBlock);
        uint packCount = BinaryPrimitives.ReadUInt32LittleEndian(page[24..]);
        uint frameCount = BinaryPrimitives.ReadUInt32LittleEndian(page[28..]);
        CheckSize(page, FrameTable.SizeOf(packCount, frameCount, count));
        ReadOnlySpan<byte> tables = page[HeaderSize..];
        (PackRecord[] packs, FrameRecord[] frames) =
            FrameTable.ReadFrames(tables, (int)packCount, (int)frameCount);
        BlockRecord[] blocks = FrameTable.ReadBlocks(
            tables[(int)FrameTable.SizeOf(packCount, frameCount, 0)..],
            frames,
            i => geometry.BlockLength(firstBlock + i),
            count);
        return new FrameTable(packs, frames, blocks);
    }

    /// <summary>Reads a page above the leaves.</summary>
    /// <exception cref="InvalidDataException">It is not the page that belongs there.</exception>
    public static ChildRecord[] ReadBranch(
        ReadOnlySpan<byte> page, ImageGeometry geometry, int level, long number)
    {
        int entries = geometry.EntriesOfPage(level, number);
        int count = ReadHeader(page, level, entries, number * geometry.Fanout);
        CheckSize(page, (long)count * ChildRecord.Size);
        if (BinaryPrimitives.ReadInt64LittleEndian(page[24..]) != 0)
        {
            throw new InvalidDataException("A page above the leaves counts packs or frames.");
        }

        var children = new ChildRecord[count];
        for (int i = 0; i < count; i++)
        {
            children[i] = ChildRecord.Read(page[(HeaderSize + (i * ChildRecord.Size))..]);
            int length = children[i].Length;
            if (children[i].Digest.IsEmpty != (length == 0)
                || length is < 0 or > Envelope.MaxPlainLength + Envelope.HeaderSize)
            {
                throw new InvalidDataException($"A child page of {length} bytes cannot be.");
            }
        }

        return children;
    }

    private static void WriteHeader(Span<byte> page, int level, int count, long first)
    {
        Magic.CopyTo(page);
        page[8] = (byte)level;
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], count);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], first);
    }

    private static int ReadHeader(ReadOnlySpan<byte> page, int level, int entries, long first)
    {
        if (page.Length < HeaderSize || !page[..8].SequenceEqual(Magic)
            || (page[9] | page[10] | page[11]) != 0)
        {
            throw new InvalidDataException("The object is not an index page of format 1.");
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(page[12..]);
        long firstIndex = BinaryPrimitives.ReadInt64LittleEndian(page[16..]);
        return page[8] == level && count == entries && firstIndex == first
            ? count
            : throw new InvalidDataException(
                $"The page is of level {page[8]} with {count} entries from {firstIndex}; "
                + $"in its place belongs one of level {level} with {entries} from {first}.");
    }

    private static void CheckSize(ReadOnlySpan<byte> page, long tables)
    {
        if (page.Length != HeaderSize + tables)
        {
            throw new InvalidDataException(
                $"The page has {page.Length} bytes; its counts demand {HeaderSize + tables}.");
        }
    }
}
