using System.Security.Cryptography;
using System.Text;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

/// <summary>Keys and signatures cross over to the real minisign and back.</summary>
public sealed class MinisignInteropTests
{
    private static readonly byte[] Text = "{\n  \"vmseed\": \"äöü\"\n}\n"u8.ToArray();

    [Fact]
    public void Minisign_verifies_what_we_sign()
    {
        using MinisignTool tool = new();
        using SecretKey key = SecretKey.Generate();
        Signature signature = Signature.Create(key, Text, "debian 7");
        tool.Write("text", Text);
        tool.Write("text.minisig", signature.ToString());
        tool.Write("key.pub", key.PublicKey.Format());

        (int code, string output) = tool.Run("", "-V", "-H", "-p", "key.pub", "-m", "text");
        Assert.True(code == 0, output);
        Assert.Contains("Trusted comment: debian 7", output);
        tool.Succeed("", "-V", "-P", key.PublicKey.ToString(), "-m", "text");
    }

    [Fact]
    public void We_verify_what_minisign_signs()
    {
        using MinisignTool tool = new();
        tool.Succeed("", "-G", "-W", "-p", "key.pub", "-s", "key");
        tool.Write("text", Text);
        tool.Succeed("", "-S", "-s", "key", "-t", "seven", "-c", "mine", "-m", "text");

        SignedText signed = SignedText.Split(
            (byte[])[.. Text, .. tool.Read("text.minisig")], "text");
        PublicKey key = PublicKey.Parse(tool.ReadText("key.pub"));
        Assert.Equal([key], TrustPolicy.Pinned([key]).Verify(signed));
        Assert.Equal("seven", signed.Signatures[0].TrustedComment);
        Assert.Contains($"public key {key.KeyId}", tool.ReadText("key.pub"));
        Assert.Equal(tool.ReadText("key.pub"), key.Format());
    }

    [Fact]
    public void Head_and_tail_part_a_file_of_two_signatures_for_minisign()
    {
        using MinisignTool tool = new();
        using SecretKey one = SecretKey.Generate();
        using SecretKey two = SecretKey.Generate();
        byte[] file = SignedText.Compose(
            Text, [Signature.Create(one, Text, "1"), Signature.Create(two, Text, "2")]);
        string[] lines = Encoding.UTF8.GetString(file).Split('\n')[..^1];

        tool.Write("text", string.Concat(lines[..^8].Select(line => line + "\n")));
        tool.Write("one", string.Concat(lines[^8..^4].Select(line => line + "\n")));
        tool.Write("two", string.Concat(lines[^4..].Select(line => line + "\n")));
        tool.Succeed("", "-V", "-P", one.PublicKey.ToString(), "-m", "text", "-x", "one");
        tool.Succeed("", "-V", "-P", two.PublicKey.ToString(), "-m", "text", "-x", "two");
    }

    [Fact]
    public void We_read_the_open_key_that_minisign_writes()
    {
        using MinisignTool tool = new();
        tool.Succeed("", "-G", "-W", "-p", "key.pub", "-s", "key");
        string text = tool.ReadText("key");

        Assert.False(SecretKey.NeedsPassword(text));
        using SecretKey key = SecretKey.Parse(text);
        Assert.Equal(PublicKey.Parse(tool.ReadText("key.pub")), key.PublicKey);
        Assert.Equal(text, new string(key.Format()));
    }

    [Fact]
    public void Minisign_reads_the_open_key_that_we_write()
    {
        using MinisignTool tool = new();
        using SecretKey key = SecretKey.Generate();
        tool.Write("key", key.Format());
        tool.Write("text", Text);

        tool.Succeed("", "-S", "-W", "-s", "key", "-m", "text");
        tool.Succeed("", "-V", "-P", key.PublicKey.ToString(), "-m", "text");
    }

    [Fact, Trait("Stage", "Long")]
    public void We_read_the_protected_key_that_minisign_writes()
    {
        using MinisignTool tool = new();
        tool.Succeed("pässword 7\npässword 7\n", "-G", "-p", "key.pub", "-s", "key");
        string text = tool.ReadText("key");

        Assert.True(SecretKey.NeedsPassword(text));
        using SecretKey key = SecretKey.Parse(text, "pässword 7");
        Assert.Equal(PublicKey.Parse(tool.ReadText("key.pub")), key.PublicKey);
        Assert.Throws<CryptographicException>(() => SecretKey.Parse(text, "password 7"));
    }

    [Fact, Trait("Stage", "Long")]
    public void Minisign_reads_the_protected_key_that_we_write()
    {
        using MinisignTool tool = new();
        using SecretKey key = SecretKey.Generate();
        tool.Write("key", key.Format("pässword 7"));
        tool.Write("text", Text);

        tool.Succeed("pässword 7\n", "-S", "-s", "key", "-m", "text");
        tool.Succeed("", "-V", "-P", key.PublicKey.ToString(), "-m", "text");
        Assert.NotEqual(0, tool.Run("password 7\n", "-S", "-s", "key", "-m", "text").Code);
    }

    [Theory]
    [InlineData(1ul << 19, 1ul << 24)]
    [InlineData(1ul << 15, 1ul << 24)]
    [InlineData(1000003ul, 33000001ul)]
    [InlineData(1ul << 21, 1ul << 24)]
    [InlineData(1ul, 5000ul)]
    public void Minisign_derives_the_same_from_other_limits(ulong operations, ulong memory)
    {
        using MinisignTool tool = new();
        using SecretKey key = SecretKey.Generate();
        tool.Write("key", key.Format("secret", new ScryptCost(operations, memory)));
        tool.Succeed("secret\n", "-R", "-s", "key", "-p", "key.pub");

        Assert.Equal(key.PublicKey, PublicKey.Parse(tool.ReadText("key.pub")));
    }
}
