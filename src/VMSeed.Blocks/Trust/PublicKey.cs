using System.Diagnostics.CodeAnalysis;
using System.Text;
using NSec.Cryptography;

using RawKey = NSec.Cryptography.PublicKey;

namespace VMSeed.Blocks.Trust;

/// <summary>An Ed25519 public key in minisign's format: who may sign an image's head.</summary>
/// <remarks>
/// The structure is "Ed", 8 bytes of key number, 32 bytes of key: PubkeyStruct in minisign.h.
/// </remarks>
public sealed class PublicKey : IEquatable<PublicKey>
{
    internal const int StructureSize =
        2 + MinisignFormat.KeyNumberSize + MinisignFormat.PublicKeySize;

    private const int TextLength = StructureSize / 3 * 4;

    private readonly byte[] _structure;
    private readonly RawKey _key;

    private PublicKey(byte[] structure, RawKey key) => (_structure, _key) = (structure, key);

    /// <summary>
    /// The key's number as minisign prints it: up to sixteen upper-case hexadecimal digits.
    /// </summary>
    /// <remarks>
    /// Eight random bytes beside the key: a name for people, not a proof of anything.
    /// </remarks>
    public string KeyId => MinisignFormat.KeyId(KeyNumber);

    internal ReadOnlySpan<byte> KeyNumber =>
        _structure.AsSpan(2, MinisignFormat.KeyNumberSize);

    /// <summary>
    /// Reads a key file's text, or its second line alone (<c>RWQ…</c>, 56 characters).
    /// </summary>
    /// <param name="text">The text, with or without white space around it.</param>
    /// <returns>The key.</returns>
    /// <exception cref="FormatException">The text is no minisign public key.</exception>
    public static PublicKey Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out PublicKey? key) ? key : throw new FormatException(
            $"This is no minisign public key: expected {TextLength} characters of base64 that begin"
            + $" with RW, alone or below a line '{MinisignFormat.UntrustedPrefix}…'.");

    /// <summary>
    /// Reads a key file's text, or its second line alone (<c>RWQ…</c>, 56 characters).
    /// </summary>
    /// <param name="text">The text, with or without white space around it.</param>
    /// <param name="key">The key.</param>
    /// <returns>False when the text is no minisign public key.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        text = text.Trim();
        if (text.StartsWith(MinisignFormat.UntrustedPrefix, StringComparison.Ordinal))
            text = text[(text.IndexOf('\n') + 1)..];
        Span<byte> ascii = stackalloc byte[TextLength];
        byte[] structure = new byte[StructureSize];
        if (text.Length == TextLength
            && Encoding.ASCII.GetBytes(text, ascii) == TextLength
            && MinisignFormat.TryDecode(ascii, structure))
        {
            TryCreate(structure, out key);
        }

        return key is not null;
    }

    /// <summary>The text of a key file as <c>minisign -G</c> writes it, two lines.</summary>
    /// <returns>The text, with the line feed at its end.</returns>
    public string Format() =>
        $"{MinisignFormat.UntrustedPrefix}minisign public key {KeyId}\n{this}\n";

    /// <summary>
    /// The bare base64 form that <c>minisign -P</c> takes and an address's fragment carries.
    /// </summary>
    /// <returns>Fifty-six characters.</returns>
    public override string ToString() => Convert.ToBase64String(_structure);

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) =>
        other is not null && _structure.AsSpan().SequenceEqual(other._structure);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_structure, StructureSize - 4);

    internal static PublicKey Create(ReadOnlySpan<byte> keyNumber, RawKey key)
    {
        byte[] structure =
            [.. "Ed"u8, .. keyNumber, .. key.Export(KeyBlobFormat.RawPublicKey)];
        return new PublicKey(structure, key);
    }

    /// <summary>
    /// Whether the key made an Ed25519 signature of bytes (RFC 8032 section 5.1.7).
    /// </summary>
    internal bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        SignatureAlgorithm.Ed25519.Verify(_key, data, signature);

    private static void TryCreate(byte[] structure, out PublicKey? key)
    {
        ReadOnlySpan<byte> raw = structure.AsSpan(2 + MinisignFormat.KeyNumberSize);
        bool valid = structure.AsSpan(0, 2).SequenceEqual("Ed"u8)
            & RawKey.TryImport(
                SignatureAlgorithm.Ed25519, raw, KeyBlobFormat.RawPublicKey, out RawKey? imported);
        key = valid ? new PublicKey(structure, imported!) : null;
    }
}
