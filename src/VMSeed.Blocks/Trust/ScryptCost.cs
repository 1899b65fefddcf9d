using System.Numerics;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace VMSeed.Blocks.Trust;

// A key file does not state scrypt's N, r and p. It states libsodium's two limits, and N, r and p
// follow from them by the rule of crypto_pwhash_scryptsalsa208sha256 (pickparams): r is 8; where
// the operations are the narrower limit, N is the largest power of two within them and p is 1;
// where the memory is, N fills the memory and p uses up the operations. minisign's own pair makes N
// = 2^20, r = 8, p = 1.

/// <summary>How dear it is to try a password: libsodium's limits for scrypt (RFC 7914).</summary>
internal readonly record struct ScryptCost(ulong Operations, ulong Memory)
{
    public const int SaltSize = 32;

    /// <summary>libsodium's floor, to which it lifts any lower number of operations.</summary>
    private const ulong MinOperations = 32768;

    private const int BlockSize = 8;

    /// <summary>
    /// What minisign writes (libsodium's SENSITIVE pair): 1 GiB and some seconds. It is also the
    /// most that is accepted: a file that asks for more was not made by minisign, and would have
    /// this process take memory and time at the wish of whoever wrote the file.
    /// </summary>
    public static ScryptCost Minisign { get; } = new(1ul << 25, 1ul << 30);

    /// <summary>N, scrypt's cost: a power of two.</summary>
    public long Cost => 1L << Math.Max(1, BitOperations.Log2(Math.Max(1, MaxCost)));

    /// <summary>p, scrypt's parallelization.</summary>
    public int Parallelization => OperationsBind
        ? 1
        : (int)(LiftedOperations / 4 / (ulong)Cost) / BlockSize;

    private ulong LiftedOperations => Math.Max(Operations, MinOperations);

    private bool OperationsBind => LiftedOperations < Memory / 32;

    private ulong MaxCost =>
        OperationsBind ? LiftedOperations / (BlockSize * 4) : Memory / (BlockSize * 128);

    /// <summary>Refuses limits above minisign's own.</summary>
    /// <exception cref="FormatException">One of the limits is higher.</exception>
    public void Check()
    {
        if (Memory > Minisign.Memory)
        {
            throw new FormatException(
                $"The key file asks for {Memory} bytes of memory to try a password; the limit is"
                + $" {Minisign.Memory}, which is what minisign writes.");
        }

        if (Operations > Minisign.Operations)
        {
            throw new FormatException(
                $"The key file asks for {Operations} operations to try a password; the limit is"
                + $" {Minisign.Operations}, which is what minisign writes.");
        }
    }

    /// <summary>Stretches a password.</summary>
    /// <exception cref="CryptographicException">The memory cannot be had.</exception>
    public void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Span<byte> key)
    {
        ScryptParameters parameters = new()
        {
            Cost = Cost,
            BlockSize = BlockSize,
            Parallelization = Parallelization,
        };
        PasswordBasedKeyDerivationAlgorithm.Scrypt(parameters).DeriveBytes(password, salt, key);
    }
}
