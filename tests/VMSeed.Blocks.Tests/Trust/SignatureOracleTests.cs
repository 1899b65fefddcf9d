using CsCheck;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Tests.Trust;

/// <summary>A second implementation of Ed25519 and BLAKE2b says the same.</summary>
public sealed class SignatureOracleTests
{
    [Fact]
    public void BouncyCastle_verifies_both_signatures_that_we_make() =>
        Gen.Byte.Array[0, 5000].Sample(
            text =>
            {
                using SecretKey key = SecretKey.Generate();
                string[] lines = Signature.Create(key, text, "comment").ToString().Split('\n');
                byte[] first = Convert.FromBase64String(lines[1])[10..];
                Ed25519PublicKeyParameters verifier =
                    new(Convert.FromBase64String(key.PublicKey.ToString()), 10);
                Assert.True(Verify(verifier, Hash(text), first));
                Assert.True(Verify(
                    verifier, [.. first, .. "comment"u8], Convert.FromBase64String(lines[3])));
            },
            seed: "0000ymtF0001",
            iter: 200);

    [Fact]
    public void We_verify_what_BouncyCastle_signs_and_nothing_near_it() =>
        Gen.Select(Gen.Byte.Array[32], Gen.Byte.Array[1, 3000], Gen.Int[0, 511]).Sample(
            (seed, text, bit) =>
            {
                Ed25519PrivateKeyParameters signer = new(seed, 0);
                byte[] hash = Hash(text);
                byte[] signature = Sign(signer, hash);
                byte[] point = signer.GeneratePublicKey().GetEncoded();
                byte[] raw = [.. "Ed"u8, .. new byte[8], .. point];
                PublicKey key = PublicKey.Parse(Convert.ToBase64String(raw));
                Assert.Equal(hash, Signature.HashOf(text));
                Assert.True(key.Verify(hash, signature));
                signature[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.False(key.Verify(hash, signature));
            },
            seed: "0000ymtF0002",
            iter: 200);

    private static byte[] Hash(byte[] text)
    {
        Blake2bDigest digest = new(512);
        digest.BlockUpdate(text, 0, text.Length);
        byte[] hash = new byte[64];
        digest.DoFinal(hash, 0);
        return hash;
    }

    private static byte[] Sign(Ed25519PrivateKeyParameters key, byte[] data)
    {
        Ed25519Signer signer = new();
        signer.Init(true, key);
        signer.BlockUpdate(data, 0, data.Length);
        return signer.GenerateSignature();
    }

    private static bool Verify(Ed25519PublicKeyParameters key, byte[] data, byte[] signature)
    {
        Ed25519Signer verifier = new();
        verifier.Init(false, key);
        verifier.BlockUpdate(data, 0, data.Length);
        return verifier.VerifySignature(signature);
    }
}
