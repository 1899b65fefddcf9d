using System.Text;
using CsCheck;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

public sealed class SignedTextTests : IDisposable
{
    private static readonly byte[] _body = "{\n  \"format\": \"vmseed-head\"\n}\n"u8.ToArray();

    private readonly SecretKey _key = SecretKey.Generate();

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    public void What_is_composed_is_split_again(int count)
    {
        Signature[] signatures =
            [.. Enumerable.Range(0, count).Select(i => Signature.Create(_key, _body, $"{i} ü"))];
        byte[] file = SignedText.Compose(_body, signatures);
        SignedText text = SignedText.Split(file, "x");

        Assert.Equal(_body, text.Body.ToArray());
        Assert.Equal(string.Concat<Signature>(signatures), string.Concat(text.Signatures));
        Assert.Equal(file, SignedText.Compose(text.Body.Span, text.Signatures));
    }

    [Fact]
    public void A_text_that_could_not_be_split_is_not_composed()
    {
        Signature signature = Signature.Create(_key, _body, "");
        foreach (string body in (string[])[
            "", "{}", "untrusted comment: \n", "{\nuntrusted comment: \n"])
        {
            Assert.Throws<ArgumentException>(
                () => SignedText.Compose(Encoding.UTF8.GetBytes(body), [signature]));
        }

        Signature[] nine = [.. Enumerable.Repeat(signature, 9)];
        Assert.Throws<ArgumentException>(() => SignedText.Compose(_body, nine));
        byte[] large = [.. new byte[SignedText.MaxFileSize - 1], (byte)'\n'];
        Assert.Throws<ArgumentException>(() => SignedText.Compose(large, [signature]));
    }

    [Fact]
    public void Endless_data_is_refused_by_its_size()
    {
        BlockIOException fault = Assert.Throws<BlockIOException>(
            () => SignedText.Split(new byte[SignedText.MaxFileSize + 1], "http://x/y"));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Equal("http://x/y", fault.ObjectName);
        Assert.Contains("65537 bytes; the limit is 65536", fault.Message);
    }

    [Fact]
    public void What_follows_the_signatures_is_refused()
    {
        Signature signature = Signature.Create(_key, _body, "");
        byte[] eight = SignedText.Compose(_body, [.. Enumerable.Repeat(signature, 8)]);
        byte[] ninth = [.. eight, .. Encoding.UTF8.GetBytes(signature.ToString())];
        Refused("number 8", ninth);
        Refused("cut off", [.. eight[..^1]]);
        byte[] one = SignedText.Compose(_body, [signature]);
        Refused("cut off", [.. one, .. "\n"u8]);
        Refused("untrusted comment", [.. one, .. "a\nb\nc\nd\n"u8]);
    }

    [Fact]
    public void Comments_keep_to_the_limits_of_minisign()
    {
        string longest = new('t', 8190 - "trusted comment: ".Length);
        byte[] file = SignedText.Compose(_body, [Signature.Create(_key, _body, longest)]);
        Assert.Equal(longest, SignedText.Split(file, "x").Signatures[0].TrustedComment);
        Assert.Throws<ArgumentException>(() => Signature.Create(_key, _body, longest + "t"));
        Assert.Throws<ArgumentException>(() => Signature.Create(_key, _body, "a\nb"));
        Assert.Throws<ArgumentException>(() => Signature.Create(_key, _body, "\u001b[31m"));

        Refused("8191 bytes", Replaced("trusted comment: ok", "trusted comment: " + longest + "t"));
        Refused("not printable", Replaced("trusted comment: ok", "trusted comment: ok\r"));
        Refused("1023 bytes", Replaced("a VMSeed secret key", new string('u', 989)));
    }

    [Fact]
    public void Any_bytes_are_parted_or_refused()
    {
        byte[] file = SignedText.Compose(
            _body, [Signature.Create(_key, _body, "1"), Signature.Create(_key, _body, "2")]);
        Gen<byte[]> mutant =
            from cut in Gen.Int[0, file.Length]
            from skip in Gen.Int[0, 40]
            from insert in Gen.Byte.Array[0, 4]
            let end = Math.Min(file.Length, cut + skip)
            select (byte[])[.. file[..cut], .. insert, .. file[end..]];
        mutant.Sample(
            bytes =>
            {
                try
                {
                    SignedText text = SignedText.Split(bytes, "x");
                    Assert.True(bytes.AsSpan().StartsWith(text.Body.Span));
                }
                catch (BlockIOException refusal)
                {
                    Assert.Equal(FailureReason.Refused, refusal.Reason);
                }
            },
            seed: "0000ymtF0003",
            iter: 5000);
    }

    private byte[] Replaced(string old, string next)
    {
        byte[] file = SignedText.Compose(_body, [Signature.Create(_key, _body, "ok")]);
        string text = Encoding.UTF8.GetString(file);
        Assert.Contains(old, text);
        return Encoding.UTF8.GetBytes(text.Replace(old, next));
    }

    private static void Refused(string fact, byte[] file)
    {
        BlockIOException fault = Assert.Throws<BlockIOException>(() => SignedText.Split(file, "x"));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Contains(fact, fault.Message);
    }
}
