using System.Text;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

/// <summary>The attacks on a signature; those on time are in Freshness.</summary>
public sealed class TrustPolicyTests : IDisposable
{
    private static readonly byte[] _body = "{ \"name\": \"debian\" }\n"u8.ToArray();

    private readonly SecretKey _key = SecretKey.Generate();
    private readonly SecretKey _other = SecretKey.Generate();

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Arbitrary_content_every_flipped_byte_is_refused()
    {
        byte[] file = Signed(_body, _key);
        int comment = _body.Length + "untrusted comment: ".Length;
        int end = Array.IndexOf(file, (byte)'\n', comment);
        for (int i = 0; i < file.Length; i++)
        {
            if (i >= comment && i < end)
            {
                continue; // Free text that nothing covers and nobody uses; see the next test.
            }

            foreach (byte flip in (byte[])[1, 0x20, 0x80])
            {
                byte[] copy = [.. file];
                copy[i] ^= flip;
                Refused("", copy, _key.PublicKey);
            }
        }
    }

    [Fact]
    public void The_untrusted_comment_changes_nothing()
    {
        string text = Encoding.UTF8.GetString(Signed(_body, _key));
        byte[] file = Encoding.UTF8.GetBytes(text.Replace("a VMSeed secret key", "the emperor"));
        SignedText signed = SignedText.Split(file, "x");
        Assert.Equal([_key.PublicKey], TrustPolicy.Pinned([_key.PublicKey]).Verify(signed));
        Assert.Equal(_body, signed.Body.ToArray());
    }

    [Fact]
    public void No_signature_is_refused_unless_the_user_said_so()
    {
        Refused($"no signature, and one of key {_key.PublicKey.KeyId}", _body, _key.PublicKey);
        Assert.Empty(TrustPolicy.Unsigned.Verify(SignedText.Split(_body, "x")));
    }

    [Fact]
    public void Wrong_key_is_refused_and_both_are_named() => Refused(
        $"signed by key {_other.PublicKey.KeyId}, and pinned is key {_key.PublicKey.KeyId}",
        Signed(_body, _other),
        _key.PublicKey);

    [Fact]
    public void Mix_and_match_of_a_text_and_another_signature_is_refused()
    {
        byte[] file = [.. "{ \"name\": \"other\" }\n"u8, .. Signed(_body, _key)[_body.Length..]];
        Refused("does not match the text", file, _key.PublicKey);
    }

    [Fact]
    public void An_exchanged_trusted_comment_is_refused()
    {
        string text = Encoding.UTF8.GetString(Signed(_body, _key));
        Refused(
            "does not match",
            Encoding.UTF8.GetBytes(text.Replace("trusted comment: c", "trusted comment: d")),
            _key.PublicKey);
    }

    [Fact]
    public void An_imitated_key_number_is_no_proof()
    {
        string[] lines = Encoding.UTF8.GetString(Signed(_body, _other)).Split('\n');
        byte[] structure = Convert.FromBase64String(lines[2]);
        _key.PublicKey.KeyNumber.CopyTo(structure.AsSpan(2));
        lines[2] = Convert.ToBase64String(structure);
        Refused(
            "does not match", Encoding.UTF8.GetBytes(string.Join('\n', lines)), _key.PublicKey);
    }

    [Fact]
    public void Downgrade_of_the_algorithm_is_refused()
    {
        // The signature of the 64 bytes of the hash is the same in both algorithms.
        string[] lines = Encoding.UTF8.GetString(Signed(_body, _key)).Split('\n');
        byte[] structure = Convert.FromBase64String(lines[2]);
        structure[1] = (byte)'d';
        lines[2] = Convert.ToBase64String(structure);
        Refused("legacy", Encoding.UTF8.GetBytes(string.Join('\n', lines)), _key.PublicKey);
    }

    [Fact]
    public void One_good_signature_among_several_is_enough()
    {
        byte[] file = SignedText.Compose(
            _body,
            [Signature.Create(_other, _body, "c"), Signature.Create(_key, _body, "c")]);
        SignedText text = SignedText.Split(file, "x");
        Assert.Equal([_key.PublicKey], TrustPolicy.Pinned([_key.PublicKey]).Verify(text));
        PublicKey[] both = [_key.PublicKey, _other.PublicKey];
        Assert.Equal(2, TrustPolicy.Pinned(both).Verify(text).Count);
    }

    [Fact]
    public void A_policy_is_its_keys_in_any_order()
    {
        PublicKey[] keys = [_key.PublicKey, _other.PublicKey, _key.PublicKey];
        Assert.Equal(
            TrustPolicy.Pinned(keys).Identity, TrustPolicy.Pinned(keys.Reverse()).Identity);
        Assert.Throws<ArgumentException>(() => TrustPolicy.Pinned([]));
    }

    private static byte[] Signed(byte[] body, SecretKey key) =>
        SignedText.Compose(body, [Signature.Create(key, body, "c")]);

    private static void Refused(string fact, byte[] file, PublicKey key)
    {
        BlockIOException fault = Assert.Throws<BlockIOException>(
            () => TrustPolicy.Pinned([key]).Verify(SignedText.Split(file, "http://x/y")));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Contains(fact, fault.Message);
        Assert.Contains("http://x/y", fault.Message);
    }
}
