using CsCheck;
using ICSharpCode.SharpZipLib.Zip.Compression;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Tests.Images;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Codecs;

public sealed class FrameCodecTests
{
    [Theory]
    [InlineData(FrameCodec.None, 1)]
    [InlineData(FrameCodec.Zstd, 3)]
    [InlineData(FrameCodec.Zstd, 12)]
    [InlineData(FrameCodec.Deflate, 6)]
    public void Decodes_to_what_was_encoded_and_never_grows(FrameCodec codec, int level)
    {
        using var encoder = new FrameEncoder(codec, level);
        var pieces = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 70_000], Gen.Int[0, 999]);
        pieces.Sample(
            (kind, length, seed) =>
            {
                var random = new Random(seed);
                byte[] plain = kind switch
                {
                    0 => TestDisk.Noise(random, length),
                    1 => new byte[length],
                    2 => [1],
                    _ => TestDisk.Text(random, length),
                };
                byte[] stored = new byte[plain.Length];
                int count = encoder.Encode(plain, stored, out FrameCodec used);
                byte[] decoded = new byte[plain.Length];
                FrameDecoder.Decode(used, stored.AsMemory(0, count), decoded);
                Assert.Equal(plain, decoded);
            },
            iter: 200,
            threads: 1,
            seed: "0000KOIPe036");
    }

    [Fact]
    public void Deflate_is_a_zlib_stream_to_another_implementation()
    {
        using var encoder = new FrameEncoder(FrameCodec.Deflate, 6);
        byte[] plain = TestDisk.Text(new Random(5), 50_000);
        byte[] stored = new byte[plain.Length];
        int count = encoder.Encode(plain, stored, out _);
        var inflater = new Inflater();
        inflater.SetInput(stored, 0, count);
        byte[] decoded = new byte[plain.Length];
        Assert.Equal(plain.Length, inflater.Inflate(decoded));
        Assert.Equal(plain, decoded);
    }

    [Theory]
    [InlineData(FrameCodec.None)]
    [InlineData(FrameCodec.Zstd)]
    [InlineData(FrameCodec.Deflate)]
    public void A_frame_of_another_length_is_refused(FrameCodec codec)
    {
        using var encoder = new FrameEncoder(codec, 3);
        byte[] plain = TestDisk.Text(new Random(6), 50_000);
        byte[] stored = new byte[plain.Length];
        int count = encoder.Encode(plain, stored, out FrameCodec used);
        foreach (int length in new[] { 0, 1, 49_999, 50_001, 100_000 })
        {
            Assert.Throws<InvalidDataException>(
                () => FrameDecoder.Decode(used, stored.AsMemory(0, count), new byte[length]));
        }
    }

    [Theory]
    [InlineData(FrameCodec.None)]
    [InlineData(FrameCodec.Zstd)]
    [InlineData(FrameCodec.Deflate)]
    [InlineData((FrameCodec)200)]
    public void Hostile_frames_are_refused_within_their_bound(FrameCodec codec)
    {
        if (!FrameDecoder.Knows(codec))
        {
            Assert.Throws<InvalidDataException>(
                () => FrameDecoder.Decode(codec, new byte[5], new byte[5]));
            return;
        }

        using var encoder = new FrameEncoder(codec, 3);
        byte[] plain = TestDisk.Text(new Random(7), 30_000);
        byte[] stored = new byte[plain.Length];
        int count = encoder.Encode(plain, stored, out FrameCodec used);
        HostileBytes.Feed(
            stored[..count],
            3_000,
            1024 * 1024,
            bytes => FrameDecoder.Decode(used, bytes, plain));
    }
}
