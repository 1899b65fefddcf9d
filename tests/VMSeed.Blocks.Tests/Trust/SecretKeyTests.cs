using System.Buffers.Binary;
using System.Security.Cryptography;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

public sealed class SecretKeyTests
{
    private const string Comment = "untrusted comment: minisign encrypted secret key\n";

    private static readonly ScryptCost _cheap = new(1 << 15, 1 << 20);

    [Fact]
    public void A_protected_key_opens_with_its_password_only()
    {
        using SecretKey key = SecretKey.Generate();
        string text = new(key.Format("correct horse", _cheap));

        Assert.True(SecretKey.NeedsPassword(text));
        using SecretKey again = SecretKey.Parse(text, "correct horse");
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.Equal(key.Sign("text"u8), again.Sign("text"u8));
        Assert.Throws<CryptographicException>(() => SecretKey.Parse(text, "correct hors"));
        Assert.Throws<CryptographicException>(() => SecretKey.Parse(text));
    }

    [Theory]
    [InlineData(1ul << 25, 1ul << 40, "1099511627776 bytes")]
    [InlineData(1ul << 25, ulong.MaxValue, "18446744073709551615 bytes")]
    [InlineData(ulong.MaxValue, 1ul << 24, "18446744073709551615 operations")]
    public void Absurd_limits_are_refused_before_memory_is_taken(
        ulong operations, ulong memory, string named)
    {
        using SecretKey key = SecretKey.Generate();
        byte[] file = Decode(key.Format("x", _cheap));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(38), operations);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(46), memory);

        FormatException fault = Assert.Throws<FormatException>(
            () => SecretKey.Parse(Comment + Convert.ToBase64String(file), "x"));
        Assert.Contains(named, fault.Message);
        Assert.Contains("limit", fault.Message);
    }

    [Fact]
    public void Every_flipped_byte_that_matters_is_found()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] file = Decode(key.Format());
        for (int i = 0; i < file.Length; i++)
        {
            // Salt and limits mean nothing in an open key, the number is a name, and the checksum
            // is not kept.
            if (i is >= 6 and < 62 or >= 126)
            {
                continue;
            }

            byte[] copy = [.. file];
            copy[i] ^= 0x10;
            Assert.ThrowsAny<FormatException>(
                () => SecretKey.Parse(Comment + Convert.ToBase64String(copy)));
        }
    }

    [Fact]
    public void Every_flipped_byte_of_a_protected_secret_is_a_wrong_password()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] file = Decode(key.Format("x", _cheap));
        for (int i = 54; i < file.Length; i++)
        {
            byte[] copy = [.. file];
            copy[i] ^= 1;
            Assert.Throws<CryptographicException>(
                () => SecretKey.Parse(Comment + Convert.ToBase64String(copy), "x"));
        }
    }

    [Fact]
    public void Passwords_that_minisign_cannot_take_are_refused()
    {
        using SecretKey key = SecretKey.Generate();
        Assert.Throws<ArgumentException>(() => key.Format("two\nlines", _cheap));
        Assert.Throws<ArgumentException>(() => key.Format(new string('x', 1023), _cheap));
        Assert.NotEmpty(key.Format(new string('x', 1022), _cheap));
    }

    [Fact]
    public void A_disposed_key_signs_no_more()
    {
        SecretKey key = SecretKey.Generate();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign("text"u8));
        Assert.Throws<ObjectDisposedException>(() => key.Format());
    }

    private static byte[] Decode(char[] text) =>
        Convert.FromBase64CharArray(text, Comment.Length, text.Length - Comment.Length);
}
