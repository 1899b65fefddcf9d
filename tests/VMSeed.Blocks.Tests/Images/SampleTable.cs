using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Images;

/// <summary>Tables of made-up blocks that hold together.</summary>
internal static class SampleTable
{
    /// <summary>A table for some blocks: zeros, single frames, and frames of several
    /// blocks.</summary>
    public static FrameTable Make(ImageGeometry geometry, long firstBlock, int count, int seed)
    {
        var random = new Random(seed);
        var builder = new FrameTableBuilder();
        PackRecord[] packs = [Pack(random), Pack(random)];
        long offset = PackFormat.HeaderSize;
        while (builder.Count < count)
        {
            if (random.Next(4) == 0)
            {
                builder.AddZero();
                continue;
            }

            int blocks = Math.Min(random.Next(1, 4), count - builder.Count);
            int plain = 0;
            for (int i = 0; i < blocks; i++)
            {
                plain += geometry.BlockLength(firstBlock + builder.Count + i);
            }

            FrameCodec codec = (FrameCodec)random.Next(3);
            int stored = codec == FrameCodec.None ? plain : random.Next(1, plain + 1);
            var frame = new FrameRecord(
                0, offset, stored, plain, codec, ShortDigest.Of(BitConverter.GetBytes(offset)));
            PackRecord pack = packs[random.Next(2)];
            offset += stored;
            for (int place = 0; place < plain;)
            {
                int length = geometry.BlockLength(firstBlock + builder.Count);
                builder.Add(Digest.Of(BitConverter.GetBytes(random.NextInt64())),
                    new(pack, frame, place));
                place += length;
            }
        }

        return builder.Build();
    }

    public static void AssertEqual(FrameTable expected, FrameTable actual)
    {
        Assert.Equal(expected.Packs, actual.Packs);
        Assert.Equal(expected.Frames, actual.Frames);
        Assert.Equal(expected.Blocks, actual.Blocks);
    }

    private static PackRecord Pack(Random random) =>
        new(Digest.Of(BitConverter.GetBytes(random.Next())), PackFormat.MaxLength);
}
