using System.Security.Cryptography;
using System.Text;

namespace VMSeed.Blocks.Trust;

/// <summary>
/// The text around a secret key's structure, and the passwords that minisign can be given.
/// </summary>
internal static class SecretKeyText
{
    /// <summary>
    /// minisign reads a password into 1024 bytes with "\n\0", and so could not be told a longer
    /// one.
    /// </summary>
    public const int MaxPasswordSize = 1024 - 2;

    private const string Comment =
        MinisignFormat.UntrustedPrefix + "minisign encrypted secret key\n";

    public static void Decode(ReadOnlySpan<char> text, Span<byte> file)
    {
        text = text.Trim();
        int line = text.StartsWith(MinisignFormat.UntrustedPrefix, StringComparison.Ordinal)
            ? text.IndexOf('\n') + 1
            : 0;
        ReadOnlySpan<char> encoded = text[line..];
        Span<byte> ascii = stackalloc byte[SecretKeyFile.TextLength];
        bool valid = line > 0
            && encoded.Length == ascii.Length
            && Encoding.ASCII.GetBytes(encoded, ascii) == ascii.Length
            && MinisignFormat.TryDecode(ascii, file);
        CryptographicOperations.ZeroMemory(ascii);
        if (!valid)
        {
            throw new FormatException(
                $"This is no minisign secret key: expected a line"
                + $" '{MinisignFormat.UntrustedPrefix}…' and one of"
                + $" {SecretKeyFile.TextLength} characters of base64.");
        }

        SecretKeyFile.Check(file);
    }

    public static char[] Encode(ReadOnlySpan<byte> file)
    {
        char[] text = new char[Comment.Length + SecretKeyFile.TextLength + 1];
        Comment.CopyTo(text);
        Convert.TryToBase64Chars(file, text.AsSpan(Comment.Length), out _);
        text[^1] = '\n';
        return text;
    }

    public static byte[] PasswordBytes(ReadOnlySpan<char> password)
    {
        if (password.ContainsAny('\0', '\r', '\n'))
        {
            throw new ArgumentException(
                "A password is one line without NUL, or minisign could not be given it.",
                nameof(password));
        }

        int size = Encoding.UTF8.GetByteCount(password);
        if (size > MaxPasswordSize)
        {
            throw new ArgumentException(
                $"The password is {size} bytes of UTF-8; minisign takes {MaxPasswordSize}.",
                nameof(password));
        }

        byte[] bytes = new byte[size];
        Encoding.UTF8.GetBytes(password, bytes);
        return bytes;
    }
}
