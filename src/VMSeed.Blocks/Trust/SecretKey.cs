using System.Security.Cryptography;
using NSec.Cryptography;

namespace VMSeed.Blocks.Trust;

/// <summary>
/// An Ed25519 secret key in minisign's format, with which a publisher signs heads.
/// </summary>
/// <remarks>
/// The key lies in guarded memory of libsodium until it is disposed, and is wiped then. Texts are
/// taken and given as characters in memory that the caller can wipe in turn; a <see cref="string"/>
/// cannot be.
/// </remarks>
public sealed class SecretKey : IDisposable
{
    private readonly Key _key;

    private SecretKey(ReadOnlySpan<byte> keyNumber, Key key)
    {
        _key = key;
        PublicKey = PublicKey.Create(keyNumber, key.PublicKey);
    }

    /// <summary>The key that verifies what this one signs.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Makes a new key from the operating system's randomness.</summary>
    /// <returns>The key, which the caller disposes.</returns>
    public static SecretKey Generate() => new(
        RandomNumberGenerator.GetBytes(MinisignFormat.KeyNumberSize),
        Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>Whether a key file's key lies under a password.</summary>
    /// <param name="text">The text of the file.</param>
    /// <returns>False when <see cref="Parse"/> needs none.</returns>
    /// <exception cref="FormatException">The text is no minisign secret key.</exception>
    public static bool NeedsPassword(ReadOnlySpan<char> text)
    {
        Span<byte> file = stackalloc byte[SecretKeyFile.Size];
        try
        {
            SecretKeyText.Decode(text, file);
            return SecretKeyFile.IsProtected(file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file);
        }
    }

    /// <summary>
    /// Reads a key file as <c>minisign -G</c> writes it; with a password that takes seconds and 1
    /// GiB.
    /// </summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="password">
    /// The password; not looked at where <see cref="NeedsPassword"/> is false.
    /// </param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="FormatException">The text is no minisign secret key.</exception>
    /// <exception cref="CryptographicException">
    /// The password is wrong, or the memory cannot be had.
    /// </exception>
    public static SecretKey Parse(ReadOnlySpan<char> text, ReadOnlySpan<char> password = default)
    {
        Span<byte> file = stackalloc byte[SecretKeyFile.Size];
        try
        {
            SecretKeyText.Decode(text, file);
            if (SecretKeyFile.IsProtected(file))
                Uncover(file, password);
            return Import(file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file);
        }
    }

    /// <summary>
    /// The text of a key file as minisign 0.11 writes it; with a password that takes seconds and 1
    /// GiB.
    /// </summary>
    /// <param name="password">
    /// At most 1022 bytes of UTF-8 in one line; empty writes the key unprotected (<c>-W</c>).
    /// </param>
    /// <returns>
    /// The text, with the line feed at its end, for the caller to store and wipe.
    /// </returns>
    /// <exception cref="ArgumentException">minisign could not be given this password.</exception>
    public char[] Format(ReadOnlySpan<char> password = default) =>
        Format(password, ScryptCost.Minisign);

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _key.Dispose();

    internal char[] Format(ReadOnlySpan<char> password, ScryptCost cost)
    {
        Span<byte> file = stackalloc byte[SecretKeyFile.Size];
        file.Clear();
        SecretKeyFile.WriteHeader(file);
        PublicKey.KeyNumber.CopyTo(SecretKeyFile.KeyNumber(file));
        try
        {
            _key.TryExport(KeyBlobFormat.RawPrivateKey, SecretKeyFile.Seed(file), out _);
            _key.PublicKey.TryExport(
                KeyBlobFormat.RawPublicKey, SecretKeyFile.PublicPart(file), out _);
            if (!password.IsEmpty)
                Protect(file, password, cost);
            return SecretKeyText.Encode(file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(file);
        }
    }

    /// <summary>An Ed25519 signature of bytes (RFC 8032 section 5.1.6).</summary>
    internal byte[] Sign(ReadOnlySpan<byte> data) => SignatureAlgorithm.Ed25519.Sign(_key, data);

    private static KeyCreationParameters Exportable => new()
    {
        ExportPolicy = KeyExportPolicies.AllowPlaintextExport,
    };

    private static SecretKey Import(Span<byte> file)
    {
        Key key = Key.Import(
            SignatureAlgorithm.Ed25519,
            SecretKeyFile.Seed(file),
            KeyBlobFormat.RawPrivateKey,
            Exportable);
        SecretKey secret = new(SecretKeyFile.KeyNumber(file), key);
        byte[] raw = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        if (SecretKeyFile.PublicPart(file).SequenceEqual(raw))
            return secret;
        secret.Dispose();
        throw new FormatException(
            "The public part inside the secret key does not belong to its secret part.");
    }

    private static void Uncover(Span<byte> file, ReadOnlySpan<char> password)
    {
        byte[] bytes = SecretKeyText.PasswordBytes(password);
        try
        {
            if (!SecretKeyFile.TryUncover(file, bytes))
                throw new CryptographicException("The password does not open this secret key.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static void Protect(Span<byte> file, ReadOnlySpan<char> password, ScryptCost cost)
    {
        byte[] bytes = SecretKeyText.PasswordBytes(password);
        try
        {
            SecretKeyFile.Protect(file, bytes, cost);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
