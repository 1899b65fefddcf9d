using System.Security.Cryptography;
using VMSeed.Blocks.Overlay.Format;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Overlay.Format;

public sealed class OverlayHeaderTests
{
    private readonly OverlayHeader _header = new(
        10_000_000,
        9_999_999,
        new ContentIdentity("image x")
        {
            Name = "débian version 3",
            Address = "https://example.org/images/debian.vmseed",
            SignedHead = RandomNumberGenerator.GetBytes(3000),
        });

    [Fact]
    public void What_is_written_is_read()
    {
        OverlayHeader read = OverlayHeader.Read(_header.Write());
        Assert.Equal((_header.Length, _header.BaseLength), (read.Length, read.BaseLength));
        Assert.Equal(_header.Base.Value, read.Base.Value);
        Assert.Equal(_header.Base.Name, read.Base.Name);
        Assert.Equal(_header.Base.Address, read.Base.Address);
        Assert.Equal(_header.Base.SignedHead.ToArray(), read.Base.SignedHead.ToArray());
    }

    [Fact]
    public void Any_bit_that_flips_is_found()
    {
        byte[] bytes = _header.Write();
        for (int bit = 0; bit < bytes.Length * 8; bit += 13)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<InvalidDataException>(() => OverlayHeader.Read(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Any_cut_is_found()
    {
        byte[] bytes = _header.Write();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => OverlayHeader.Read(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Whatever_a_stranger_writes_there_is_refused_or_in_bounds()
    {
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = _header.Write();
            for (int j = 0; j < 3; j++)
            {
                random.NextBytes(bytes.AsSpan(12 + random.Next(48), 4));
            }

            Seal(bytes);
            try
            {
                OverlayHeader read = OverlayHeader.Read(bytes);
                Assert.InRange(read.Length, 0, 64L << 40);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    // As one who knows the format does.
    private static void Seal(byte[] bytes)
    {
        int total = 96;
        for (int i = 0; i < 4; i++)
        {
            total += BitConverter.ToInt32(bytes, 48 + (i * 4)) & 0xFFFF;
        }

        bytes.AsSpan(64, 32).Clear();
        SHA256.HashData(bytes.AsSpan(0, Math.Min(bytes.Length, total)), bytes.AsSpan(64));
    }
}
