using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Publishing;

/// <summary>The plainest possible reader of a repository's folder: the publisher's
/// oracle.</summary>
internal sealed class PublishedImage
{
    private readonly string _root;
    private readonly ImageGeometry _geometry;

    public PublishedImage(string root, string headName)
    {
        _root = root;
        byte[] file = File.ReadAllBytes(Path.Join(root, headName));
        Head = HeadJson.Read(SignedText.Split(file, headName).Body.Span);
        _geometry = new ImageGeometry(Head.Disk.Length, Head.Disk.BlockSize, Head.Index.Fanout);
    }

    public ImageHead Head { get; }

    /// <summary>Every object that was read, by its digest.</summary>
    public HashSet<Digest> Objects { get; } = [];

    /// <summary>Index pages that were read.</summary>
    public int Pages { get; private set; }

    /// <summary>Reads the whole disk, with every digest checked.</summary>
    public byte[] ReadAll()
    {
        byte[] disk = new byte[Head.Disk.Length];
        var root = new ChildRecord(Head.Index.Digest, Head.Index.Length);
        ReadPage(root, _geometry.Levels - 1, 0, disk);
        return disk;
    }

    private void ReadPage(ChildRecord record, int level, long number, byte[] disk)
    {
        if (record.IsZero)
        {
            return;
        }

        Pages++;
        byte[] stored = ReadObject(record.Digest, record.Length);
        byte[] page = Envelope.Open(stored);
        if (level == 0)
        {
            ReadLeaf(IndexPage.ReadLeaf(page, _geometry, number), number, disk);
            return;
        }

        ChildRecord[] children = IndexPage.ReadBranch(page, _geometry, level, number);
        for (int i = 0; i < children.Length; i++)
        {
            ReadPage(children[i], level - 1, (number * _geometry.Fanout) + i, disk);
        }
    }

    private void ReadLeaf(FrameTable table, long leaf, byte[] disk)
    {
        for (int i = 0; i < table.Blocks.Length; i++)
        {
            long block = (leaf * _geometry.Fanout) + i;
            BlockRecord record = table.Blocks[i];
            if (record.IsZero)
            {
                continue;
            }

            FrameRecord frame = table.Frames[record.Frame];
            PackRecord pack = table.Packs[frame.Pack];
            byte[] bytes = ReadObject(pack.Digest, pack.Length);
            Memory<byte> stored = bytes.AsMemory((int)frame.Offset, frame.StoredLength);
            Assert.Equal(frame.Digest, ShortDigest.Of(stored.Span));
            byte[] plain = new byte[frame.PlainLength];
            FrameDecoder.Decode(frame.Codec, stored, plain);
            Span<byte> content = plain.AsSpan(record.Place, _geometry.BlockLength(block));
            Assert.Equal(record.Digest, Digest.Of(content));
            content.CopyTo(disk.AsSpan((int)_geometry.OffsetOf(block)));
        }
    }

    private byte[] ReadObject(Digest digest, long length)
    {
        byte[] bytes = File.ReadAllBytes(Path.Join(_root, RepositoryPaths.Object(digest)));
        Assert.Equal(length, bytes.Length);
        if (Objects.Add(digest))
        {
            Assert.Equal(digest, Digest.Of(bytes));
        }

        return bytes;
    }
}
