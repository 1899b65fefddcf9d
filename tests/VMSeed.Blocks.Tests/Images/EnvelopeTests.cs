using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Images;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData(FrameCodec.None)]
    [InlineData(FrameCodec.Zstd)]
    [InlineData(FrameCodec.Deflate)]
    public void Opens_to_what_was_sealed(FrameCodec codec)
    {
        using var encoder = new FrameEncoder(codec, 3);
        for (int length = 0; length < 5000; length += 997)
        {
            byte[] page = TestDisk.Text(new Random(length), length);
            Assert.Equal(page, Envelope.Open(Envelope.Seal(page, encoder)));
        }
    }

    [Theory]
    [InlineData(FrameCodec.Zstd)]
    [InlineData(FrameCodec.Deflate)]
    public void Hostile_envelopes_are_refused_within_their_bound(FrameCodec codec)
    {
        using var encoder = new FrameEncoder(codec, 3);
        byte[] good = Envelope.Seal(TestDisk.Text(new Random(4), 20_000), encoder);
        HostileBytes.Feed(
            good,
            3_000,
            Envelope.MaxPlainLength + (1024 * 1024),
            bytes => Envelope.Open(bytes));
    }
}
