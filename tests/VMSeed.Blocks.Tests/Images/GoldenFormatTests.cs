using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Images;

/// <summary>The bytes of docs/IMAGE-FORMAT.md, written out by hand: what others have stored must
/// stay readable.</summary>
public sealed class GoldenFormatTests
{
    private const string D = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string S = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

    private static readonly Digest _digest = new(Convert.FromHexString(D));
    private static readonly PackRecord _pack = new(_digest, 0x10000);

    private static readonly FrameRecord _frame = new(
        0, 8, 0x1234, 0x2000, FrameCodec.Zstd, ShortDigest.Read(Convert.FromHexString(S)));

    [Fact]
    public void A_leaf() => Check(
        IndexPage.WriteLeaf(16, Table()),
        "564d53494e444558" + "00000000" + "03000000" + "1000000000000000" + "01000000" + "01000000"
        + D + "0000010000000000"
        + "00000000" + "08000000" + "34120000" + "00200001" + S
        + D + "01000000" + "00000000"
        + new string('0', 80)
        + D + "01000000" + "00100000");

    [Fact]
    public void A_branch() => Check(
        IndexPage.WriteBranch(1, 32, [default, new ChildRecord(_digest, 0x4321)]),
        "564d53494e444558" + "01000000" + "02000000" + "2000000000000000" + "0000000000000000"
        + new string('0', 72) + D + "21430000");

    [Fact]
    public void An_envelope()
    {
        using var encoder = new FrameEncoder(FrameCodec.None, 0);
        Check(Envelope.Seal("page"u8, encoder), "564d5345" + "00000000" + "04000000" + "70616765");
    }

    [Fact]
    public void The_end_of_a_pack() => Check(
        PackFormat.BuildTrailer(
            0x123C, [new PackedFrame(_frame, [new(_digest, 0), new(_digest, 0x1000)])]),
        "00000000" + "08000000" + "34120000" + "00200001" + S
        + D + "00000000" + D + "00100000"
        + "3c12000000000000" + "01000000" + "02000000" + "0000000000000000" + "564d5350454e4431");

    [Fact]
    public void A_profile() => Check(
        new BootProfile([5, 2, 9], Table()).Write(),
        "564d5350524f464c" + "03000000" + "01000000" + "01000000"
        + D + "0000010000000000"
        + "00000000" + "08000000" + "34120000" + "00200001" + S
        + "0500000000000000" + "0200000000000000" + "0900000000000000"
        + D + "01000000" + "00000000"
        + new string('0', 80)
        + D + "01000000" + "00100000");

    private static FrameTable Table()
    {
        var builder = new FrameTableBuilder();
        builder.Add(_digest, new BlockLocation(_pack, _frame, 0));
        builder.AddZero();
        builder.Add(_digest, new BlockLocation(_pack, _frame, 0x1000));
        return builder.Build();
    }

    private static void Check(byte[] actual, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(actual));
}
