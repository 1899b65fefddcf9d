using System.Buffers.Binary;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Indexing;

/// <summary>The index of a file that has none: cut into chunks of one size, each stored as it
/// is.</summary>
/// <remarks>The file stands for a pack, each chunk for a frame with one block; a block's name is
/// made of the file's and its number. Leaves are made in memory when they are asked for, and never
/// waited for.</remarks>
/// <param name="geometry">The file's length, and how it is cut.</param>
/// <param name="file">The name of this version of the file.</param>
/// <param name="memoryBudget">Bytes of leaves in memory.</param>
internal sealed class ChunkIndex(ImageGeometry geometry, Digest file, long memoryBudget)
    : BlockIndex(geometry, memoryBudget)
{
    private readonly PackRecord[] _packs = [new PackRecord(file, geometry.Length)];

    /// <inheritdoc/>
    public override ValueTask<IndexLeaf> GetAsync(
        long number, ReadPurpose purpose, CancellationToken cancellationToken) =>
        new(TryGet(number) ?? Leaves.Keep(new IndexLeaf(number, MakeTable(number))));

    private FrameTable MakeTable(long number)
    {
        int count = Geometry.EntriesOfPage(0, number);
        long first = number * Geometry.Fanout;
        var frames = new FrameRecord[count];
        var blocks = new BlockRecord[count];
        for (int i = 0; i < count; i++)
        {
            int length = Geometry.BlockLength(first + i);
            frames[i] = new FrameRecord(
                0, Geometry.OffsetOf(first + i), length, length, FrameCodec.None, default);
            blocks[i] = new BlockRecord(NameOf(first + i), i, 0);
        }

        return new FrameTable(_packs, frames, blocks);
    }

    private Digest NameOf(long block)
    {
        Span<byte> text = stackalloc byte[Digest.Size + sizeof(long)];
        file.CopyTo(text);
        BinaryPrimitives.WriteInt64LittleEndian(text[Digest.Size..], block);
        return Digest.Of(text);
    }
}
