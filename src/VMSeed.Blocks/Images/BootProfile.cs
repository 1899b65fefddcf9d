using System.Buffers.Binary;
using VMSeed.Blocks.Images.Packs;

namespace VMSeed.Blocks.Images;

/// <summary>The blocks that a workload touches, in the order of first touch
/// (docs/IMAGE-FORMAT.md, section 5).</summary>
/// <param name="Indexes">The index of each entry's block.</param>
/// <param name="Table">The entries' packs, frames and blocks.</param>
internal sealed record BootProfile(long[] Indexes, FrameTable Table)
{
    private const int HeaderSize = 20;

    // A boot touches some 1,600 blocks of 64 KiB; this leaves room for 64 GiB.
    private const int MaxEntries = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "VMSPROFL"u8;

    /// <summary>Writes the profile as a page, to be sealed in an envelope.</summary>
    public byte[] Write()
    {
        long tables = FrameTable.SizeOf(
            Table.Packs.Length, Table.Frames.Length, Table.Blocks.Length);
        byte[] page = new byte[HeaderSize + tables + ((long)Indexes.Length * sizeof(long))];
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(8), Indexes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(12), Table.Packs.Length);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(16), Table.Frames.Length);
        Span<byte> rest = Table.WriteFrames(page.AsSpan(HeaderSize));
        foreach (long index in Indexes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, index);
            rest = rest[sizeof(long)..];
        }

        Table.WriteBlocks(rest);
        return page;
    }

    /// <summary>Reads a profile.</summary>
    /// <exception cref="InvalidDataException">It is not one, or not of that image.</exception>
    public static BootProfile Read(ReadOnlySpan<byte> page, ImageGeometry geometry)
    {
        if (page.Length < HeaderSize || !page[..8].SequenceEqual(Magic))
        {
            throw new InvalidDataException("The object is not a profile of format 1.");
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(page[8..]);
        uint packCount = BinaryPrimitives.ReadUInt32LittleEndian(page[12..]);
        uint frameCount = BinaryPrimitives.ReadUInt32LittleEndian(page[16..]);
        long size = HeaderSize + FrameTable.SizeOf(packCount, frameCount, count)
            + (count * (long)sizeof(long));
        if (count > MaxEntries || page.Length != size)
        {
            throw new InvalidDataException(
                $"A profile of {count} entries in {page.Length} bytes cannot be.");
        }

        ReadOnlySpan<byte> tables = page[HeaderSize..];
        (var packs, var frames) =
            FrameTable.ReadFrames(tables, (int)packCount, (int)frameCount);
        tables = tables[(int)FrameTable.SizeOf(packCount, frameCount, 0)..];
        long[] indexes = ReadIndexes(tables, (int)count, geometry);
        BlockRecord[] blocks = FrameTable.ReadBlocks(
            tables[((int)count * sizeof(long))..],
            frames,
            i => geometry.BlockLength(indexes[i]),
            (int)count);
        return new BootProfile(indexes, new FrameTable(packs, frames, blocks));
    }

    private static long[] ReadIndexes(ReadOnlySpan<byte> bytes, int count, ImageGeometry geometry)
    {
        long[] indexes = new long[count];
        for (int i = 0; i < count; i++)
        {
            indexes[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * sizeof(long))..]);
            if ((ulong)indexes[i] >= (ulong)geometry.BlockCount)
            {
                throw new InvalidDataException(
                    $"The profile names block {indexes[i]} of {geometry.BlockCount}.");
            }
        }

        return indexes;
    }
}
