using System.Buffers.Binary;
using System.Security.Cryptography;

using Blake2b = NSec.Cryptography.HashAlgorithm;

namespace VMSeed.Blocks.Trust;

// SeckeyStruct of minisign.h, 158 bytes:
//
//     0  "Ed"       signature algorithm
//     2  "Sc"       key derivation: scrypt; two zero bytes: the key lies open
//     4  "B2"       checksum: BLAKE2b
//     6  salt 32, operations 8 (little-endian), memory 8 (little-endian); zeros in an open key
//    54  key number 8, seed 32, public key 32, checksum 32; under a password these 104 bytes
//        are XORed with as many from scrypt
//
// The checksum is BLAKE2b-256 of "Ed", key number, seed and public key; minisign fills it in only
// under a password, where it tells a wrong one, and leaves zeros in an open key.

/// <summary>The structure inside a secret key file, as bytes that the caller wipes.</summary>
internal static class SecretKeyFile
{
    public const int Size = SecretOffset + SecretSize;
    public const int TextLength = (Size + 2) / 3 * 4;

    private const int KindOffset = 2;
    private const int ChecksumKindOffset = 4;
    private const int SaltOffset = 6;
    private const int OperationsOffset = SaltOffset + ScryptCost.SaltSize;
    private const int MemoryOffset = OperationsOffset + sizeof(ulong);
    private const int SecretOffset = MemoryOffset + sizeof(ulong);
    private const int SecretSize = ChecksumOffset + ChecksumSize;
    private const int SeedOffset = MinisignFormat.KeyNumberSize;
    private const int SeedSize = 32;
    private const int ChecksumOffset = SeedOffset + SeedSize + MinisignFormat.PublicKeySize;
    private const int ChecksumSize = 32;

    /// <summary>Refuses a structure of other algorithms than minisign's.</summary>
    public static void Check(ReadOnlySpan<byte> file)
    {
        if (!file[..KindOffset].SequenceEqual("Ed"u8))
            throw new FormatException("The secret key is of an algorithm other than Ed25519.");
        if (!file[KindOffset..ChecksumKindOffset].SequenceEqual("Sc"u8) && IsProtected(file))
        {
            throw new FormatException(
                "The secret key is protected by another function than scrypt.");
        }

        if (!file[ChecksumKindOffset..SaltOffset].SequenceEqual("B2"u8))
            throw new FormatException("The secret key has another checksum than BLAKE2b.");
    }

    public static bool IsProtected(ReadOnlySpan<byte> file) =>
        file[KindOffset..ChecksumKindOffset].ContainsAnyExcept((byte)0);

    public static Span<byte> KeyNumber(Span<byte> file) =>
        file.Slice(SecretOffset, MinisignFormat.KeyNumberSize);

    public static Span<byte> Seed(Span<byte> file) =>
        file.Slice(SecretOffset + SeedOffset, SeedSize);

    public static Span<byte> PublicPart(Span<byte> file) =>
        file.Slice(SecretOffset + SeedOffset + SeedSize, MinisignFormat.PublicKeySize);

    /// <summary>Writes the algorithms of a key that lies open.</summary>
    public static void WriteHeader(Span<byte> file)
    {
        "Ed"u8.CopyTo(file);
        "B2"u8.CopyTo(file[ChecksumKindOffset..]);
    }

    /// <summary>Adds the checksum and hides number, seed, public key and checksum.</summary>
    public static void Protect(Span<byte> file, ReadOnlySpan<byte> password, ScryptCost cost)
    {
        "Sc"u8.CopyTo(file[KindOffset..]);
        RandomNumberGenerator.Fill(file.Slice(SaltOffset, ScryptCost.SaltSize));
        BinaryPrimitives.WriteUInt64LittleEndian(file[OperationsOffset..], cost.Operations);
        BinaryPrimitives.WriteUInt64LittleEndian(file[MemoryOffset..], cost.Memory);
        Span<byte> secret = file[SecretOffset..];
        WriteChecksum(secret, secret[ChecksumOffset..]);
        Mask(file, password);
    }

    /// <summary>
    /// Uncovers what <see cref="Protect"/> hid; false when the password is another.
    /// </summary>
    public static bool TryUncover(Span<byte> file, ReadOnlySpan<byte> password)
    {
        Mask(file, password);
        Span<byte> secret = file[SecretOffset..];
        Span<byte> checksum = stackalloc byte[ChecksumSize];
        WriteChecksum(secret, checksum);
        return CryptographicOperations.FixedTimeEquals(checksum, secret[ChecksumOffset..]);
    }

    private static void WriteChecksum(ReadOnlySpan<byte> secret, Span<byte> checksum)
    {
        Span<byte> input = stackalloc byte[2 + ChecksumOffset];
        "Ed"u8.CopyTo(input);
        secret[..ChecksumOffset].CopyTo(input[2..]);
        Blake2b.Blake2b_256.Hash(input, checksum);
        CryptographicOperations.ZeroMemory(input);
    }

    private static void Mask(Span<byte> file, ReadOnlySpan<byte> password)
    {
        ScryptCost cost = new(
            BinaryPrimitives.ReadUInt64LittleEndian(file[OperationsOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(file[MemoryOffset..]));
        cost.Check();
        Span<byte> mask = stackalloc byte[SecretSize];
        cost.Derive(password, file.Slice(SaltOffset, ScryptCost.SaltSize), mask);
        Span<byte> secret = file[SecretOffset..];
        for (int i = 0; i < SecretSize; i++)
            secret[i] ^= mask[i];
        CryptographicOperations.ZeroMemory(mask);
    }
}
