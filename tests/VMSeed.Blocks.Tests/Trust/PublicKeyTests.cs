using CsCheck;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

public sealed class PublicKeyTests
{
    private const string Bare = "RWQozHHSJWnRt/R2iDKR0MxGoXjfHa+t+mawx49lvJjuySISoGOYGqHO";

    [Theory]
    [InlineData(Bare)]
    [InlineData(" " + Bare + "\r\n")]
    [InlineData("untrusted comment: minisign public key B7D16925D271CC28\n" + Bare + "\n")]
    [InlineData("untrusted comment: \r\n" + Bare + "\r\n")]
    public void Every_form_of_a_key_is_read(string text)
    {
        PublicKey key = PublicKey.Parse(text);
        Assert.Equal("B7D16925D271CC28", key.KeyId);
        Assert.Equal(Bare, key.ToString());
        Assert.Equal(PublicKey.Parse(key.Format()), key);
        Assert.Equal(PublicKey.Parse(key.Format()).GetHashCode(), key.GetHashCode());
    }

    // One key in 16; minisign prints the number as C's %lX does.
    [Fact]
    public void A_number_is_told_without_leading_zeros()
    {
        byte[] bytes = Convert.FromBase64String(Bare);
        bytes[9] = 0x0B;
        PublicKey key = PublicKey.Parse(Convert.ToBase64String(bytes));
        Assert.Equal("BD16925D271CC28", key.KeyId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("untrusted comment: " + Bare)]
    [InlineData("comment: x\n" + Bare)]
    [InlineData(Bare + "\n" + Bare)]
    [InlineData("RWQozHHSJWnRt/R2iDKR0MxGoXjfHa+t+mawx49lvJjuySISoGOYGqH")]
    [InlineData("RUQozHHSJWnRt/R2iDKR0MxGoXjfHa+t+mawx49lvJjuySISoGOYGqHO")]
    [InlineData("RWQozHHSJWnRt_R2iDKR0MxGoXjfHa-t-mawx49lvJjuySISoGOYGqHO")]
    [InlineData("RWQozHHSJWnRt/R2iDKR0MxGoXjfHa t+mawx49lvJjuySISoGOYGqHO")]
    [InlineData("RWQozHHSJWnRt/R2iDKR0MxGoXjfHa€t+mawx49lvJjuySISoGOYGqHO")]
    public void Anything_else_is_no_key(string text)
    {
        Assert.False(PublicKey.TryParse(text, out PublicKey? key));
        Assert.Null(key);
        Assert.Throws<FormatException>(() => PublicKey.Parse(text));
    }

    [Fact]
    public void Any_text_is_a_key_that_prints_as_itself_or_is_none() =>
        Gen.String[Gen.Char["RWQAaz09+/= \n\rEd€"], 50, 60].Sample(
            text => !PublicKey.TryParse(text, out PublicKey? key) || key.ToString() == text.Trim(),
            seed: "0000ymtF0000",
            iter: 3000);

    [Fact]
    public void A_key_of_small_order_signs_for_nobody()
    {
        // The neutral element and a point of order 8 (RFC 7748 section 7 warns of them): with
        // such a key, signatures can be made up for any text.
        foreach (string point in (string[])[
            "0100000000000000000000000000000000000000000000000000000000000000",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"])
        {
            byte[] raw = [.. "Ed"u8, .. new byte[8], .. Convert.FromHexString(point)];
            byte[] forged = new byte[64];
            forged[0] = 1;
            Assert.False(
                PublicKey.TryParse(Convert.ToBase64String(raw), out PublicKey? key)
                && key.Verify("anything"u8, forged));
        }
    }
}
