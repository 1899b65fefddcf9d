using System.Text;
using NSec.Cryptography;

namespace VMSeed.Blocks.Trust;

// minisign has two algorithms: "ED" signs the BLAKE2b-512 of the text, the older "Ed" the text
// itself. The two letters are not signed, so whoever holds an "ED" signature also holds an "Ed"
// signature of the 64-byte file that consists of the digest. Only "ED" is written here, and only
// "ED" is accepted.
//
// The second signature covers the first and the trusted comment. Both must be good: one without the
// other would let the comment be exchanged. The untrusted comment is covered by nothing and serves
// nothing.

/// <summary>One minisign signature: four lines of text.</summary>
internal sealed class Signature
{
    /// <summary>Lines of a signature.</summary>
    public const int LineCount = 4;

    private const int StructureSize =
        2 + MinisignFormat.KeyNumberSize + MinisignFormat.SignatureSize;

    private const string DefaultComment = "signature from a VMSeed secret key";

    private readonly string _untrustedComment;
    private readonly byte[] _structure;
    private readonly byte[] _second;

    private Signature(
        string untrustedComment, byte[] structure, string trustedComment, byte[] second)
    {
        _untrustedComment = untrustedComment;
        _structure = structure;
        TrustedComment = trustedComment;
        _second = second;
    }

    /// <summary>
    /// The number of the key that the signature claims: up to sixteen upper-case digits.
    /// </summary>
    public string KeyId => MinisignFormat.KeyId(KeyNumber);

    /// <summary>
    /// The comment that the second signature covers; true only of a verified signature.
    /// </summary>
    public string TrustedComment { get; }

    private ReadOnlySpan<byte> KeyNumber =>
        _structure.AsSpan(2, MinisignFormat.KeyNumberSize);

    private ReadOnlySpan<byte> First => _structure.AsSpan(2 + MinisignFormat.KeyNumberSize);

    /// <summary>Reads four lines, without their line feeds.</summary>
    /// <exception cref="FormatException">A line is not as minisign writes it.</exception>
    public static Signature Parse(
        ReadOnlySpan<byte> line1,
        ReadOnlySpan<byte> line2,
        ReadOnlySpan<byte> line3,
        ReadOnlySpan<byte> line4)
    {
        string untrusted = ReadComment(
            line1, MinisignFormat.UntrustedPrefix, MinisignFormat.MaxUntrustedLine);
        byte[] structure = ReadBytes(line2, StructureSize, "second");
        if (structure.AsSpan(0, 2).SequenceEqual("Ed"u8))
        {
            throw new FormatException(
                "The signature is of minisign's legacy algorithm Ed; only prehashed ED is"
                + " accepted.");
        }

        if (!structure.AsSpan(0, 2).SequenceEqual("ED"u8))
            throw new FormatException("The signature is of an algorithm other than minisign's ED.");
        string trusted = ReadComment(
            line3, MinisignFormat.TrustedPrefix, MinisignFormat.MaxTrustedLine);
        byte[] second = ReadBytes(line4, MinisignFormat.SignatureSize, "fourth");
        return new Signature(untrusted, structure, trusted, second);
    }

    /// <summary>Signs a text.</summary>
    /// <exception cref="ArgumentException">
    /// The comment is too long for minisign, or not printable.
    /// </exception>
    public static Signature Create(SecretKey key, ReadOnlySpan<byte> text, string trustedComment)
    {
        byte[] comment = Encoding.UTF8.GetBytes(trustedComment);
        int room = MinisignFormat.MaxTrustedLine - MinisignFormat.TrustedPrefix.Length;
        if (comment.Length > room || !MinisignFormat.IsPrintable(comment))
        {
            throw new ArgumentException(
                $"A trusted comment is at most {room} bytes of printable text; this has"
                + $" {comment.Length}.",
                nameof(trustedComment));
        }

        byte[] first = key.Sign(HashOf(text));
        byte[] second = key.Sign([.. first, .. comment]);
        byte[] structure = [.. "ED"u8, .. key.PublicKey.KeyNumber, .. first];
        return new Signature(DefaultComment, structure, trustedComment, second);
    }

    /// <summary>BLAKE2b-512 (RFC 7693) of a text: what is signed in its place.</summary>
    public static byte[] HashOf(ReadOnlySpan<byte> text) => HashAlgorithm.Blake2b_512.Hash(text);

    /// <summary>Whether the signature claims to be of a key; no proof.</summary>
    public bool Claims(PublicKey key) => key.KeyNumber.SequenceEqual(KeyNumber);

    /// <summary>Whether a key made both signatures over a text of this hash.</summary>
    public bool Verify(PublicKey key, ReadOnlySpan<byte> hash) =>
        Claims(key)
        && key.Verify(hash, First)
        && key.Verify([.. First, .. Encoding.UTF8.GetBytes(TrustedComment)], _second);

    /// <summary>The four lines, each with its line feed.</summary>
    public override string ToString() =>
        $"{MinisignFormat.UntrustedPrefix}{_untrustedComment}\n"
        + $"{Convert.ToBase64String(_structure)}\n"
        + $"{MinisignFormat.TrustedPrefix}{TrustedComment}\n"
        + $"{Convert.ToBase64String(_second)}\n";

    private static string ReadComment(ReadOnlySpan<byte> line, string prefix, int limit)
    {
        if (line.Length > limit)
        {
            throw new FormatException(
                $"The line of the {prefix.TrimEnd(' ', ':')} has {line.Length} bytes; the limit is"
                + $" {limit}.");
        }

        if (!line.StartsWith(Encoding.ASCII.GetBytes(prefix)))
            throw new FormatException($"A line of the signature does not begin with '{prefix}'.");
        ReadOnlySpan<byte> comment = line[prefix.Length..];
        if (!MinisignFormat.IsPrintable(comment))
            throw new FormatException($"The {prefix.TrimEnd(' ', ':')} is not printable text.");
        return Encoding.UTF8.GetString(comment);
    }

    private static byte[] ReadBytes(ReadOnlySpan<byte> line, int size, string which)
    {
        byte[] bytes = new byte[size];
        return MinisignFormat.TryDecode(line, bytes) ? bytes : throw new FormatException(
            $"The {which} line of the signature is not the base64 of {size} bytes.");
    }
}
