using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace VMSeed.Blocks.Trust;

// minisign's texts (its 0.11 and 0.12 read and write the same) consist of two kinds of lines, each
// ended by one line feed: a comment behind a fixed prefix, and the base64 of a structure of fixed
// size.
//
//   public key    untrusted comment, base64("Ed" | number 8 | key 32)
//   secret key    untrusted comment, base64 of the structure in SecretKeyFile
//   signature     untrusted comment, base64("ED" | number 8 | signature 64),
//                 trusted comment,   base64(signature 64 of the signature and the trusted comment)
//
// Key numbers are 8 random bytes. They find the key that a signature claims, and prove nothing.

/// <summary>What keys and signatures have in common: prefixes, limits, and strict base64.</summary>
internal static class MinisignFormat
{
    public const string UntrustedPrefix = "untrusted comment: ";
    public const string TrustedPrefix = "trusted comment: ";

    /// <summary>
    /// Bytes of an untrusted comment's line: minisign reads it into 1024 with "\n\0".
    /// </summary>
    public const int MaxUntrustedLine = 1024 - 2;

    /// <summary>
    /// Bytes of a trusted comment's line: minisign reads it into 8192 with "\n\0".
    /// </summary>
    public const int MaxTrustedLine = 8192 - 2;

    public const int KeyNumberSize = 8;
    public const int PublicKeySize = 32;
    public const int SignatureSize = 64;

    /// <summary>
    /// Upper-case hexadecimal digits of the little-endian number, as minisign prints it: without
    /// leading zeros.
    /// </summary>
    public static string KeyId(ReadOnlySpan<byte> keyNumber) =>
        BinaryPrimitives.ReadUInt64LittleEndian(keyNumber)
            .ToString("X", CultureInfo.InvariantCulture);

    /// <summary>
    /// Decodes base64 that has one spelling only: exact length, no blanks, no stray bits.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes)
    {
        int length = Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        if (text.Length != length
            || Base64.DecodeFromUtf8(text, bytes, out _, out int written) != OperationStatus.Done
            || written != bytes.Length)
        {
            return false;
        }

        Span<byte> again = stackalloc byte[length];
        Base64.EncodeToUtf8(bytes, again, out _, out _);
        bool canonical = again.SequenceEqual(text);
        again.Clear();
        return canonical;
    }

    /// <summary>Whether bytes are UTF-8 that a terminal shows and does not obey.</summary>
    public static bool IsPrintable(ReadOnlySpan<byte> comment)
    {
        while (!comment.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(comment, out Rune rune, out int used) != OperationStatus.Done
                || (Rune.IsControl(rune) && rune.Value != '\t'))
            {
                return false;
            }

            comment = comment[used..];
        }
        return true;
    }
}
