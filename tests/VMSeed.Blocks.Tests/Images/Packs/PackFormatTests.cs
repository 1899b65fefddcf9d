using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Images.Packs;

public sealed class PackFormatTests
{
    private const int TrailerOffset = 5000;

    [Fact]
    public void A_trailer_is_read_as_it_was_written()
    {
        PackedFrame[] frames = Frames();
        List<(Digest, BlockLocation)> blocks = Read(PackFormat.BuildTrailer(TrailerOffset, frames));
        Assert.Equal(
            frames.SelectMany(f => f.Blocks.Select(b => (b.Digest, f.Frame.Offset, b.Place))),
            blocks.Select(b => (b.Item1, b.Item2.Frame.Offset, b.Item2.Place)));
    }

    [Fact]
    public void Hostile_trailers_are_refused_within_their_bound() => HostileBytes.Feed(
        PackFormat.BuildTrailer(TrailerOffset, Frames()),
        20_000,
        128 * 1024,
        bytes => Read(bytes));

    private static List<(Digest Digest, BlockLocation Location)> Read(byte[] end)
    {
        var pack = new PackRecord(Digest.Of("pack"u8), TrailerOffset + end.Length);
        byte[] footer = end[Math.Max(0, end.Length - PackFormat.FooterSize)..];
        (_, int frames, int blocks) = PackFormat.ReadFooter(footer, pack.Length);
        return
        [
            .. PackFormat.ReadTrailer(
                end.AsMemory(0, end.Length - PackFormat.FooterSize), pack, frames, blocks),
        ];
    }

    private static PackedFrame[] Frames() =>
    [
        .. Enumerable.Range(0, 12).Select(i => new PackedFrame(
            new FrameRecord(0, 8 + (i * 100), 100, 8192, FrameCodec.Zstd,
                ShortDigest.Of([(byte)i])),
            [
                .. Enumerable.Range(0, 1 + (i % 2)).Select(
                    k => new PackedBlock(Digest.Of([(byte)i, (byte)k]), k * 4096)),
            ])),
    ];
}
