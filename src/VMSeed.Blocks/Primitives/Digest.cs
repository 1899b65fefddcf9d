using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VMSeed.Blocks.Primitives;

/// <summary>A SHA-256 (FIPS 180-4): the name of a block and of every object of a
/// repository.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Digest : IEquatable<Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Size = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Takes a digest's bytes.</summary>
    /// <param name="bytes">Exactly <see cref="Size"/> bytes.</param>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Size);
        this = MemoryMarshal.Read<Digest>(bytes);
    }

    /// <summary>Whether this is the default value, which names nothing.</summary>
    public bool IsEmpty => (_a | _b | _c | _d) == 0;

    /// <summary>Sixty-four bits of the digest: evenly spread, for tables.</summary>
    internal ulong Prefix => _a;

    /// <summary>Hashes bytes.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>Their digest.</returns>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Unsafe.SkipInit(out Digest digest);
        SHA256.HashData(data, MemoryMarshal.AsBytes(new Span<Digest>(ref digest)));
        return digest;
    }

    /// <summary>Reads the hexadecimal form.</summary>
    /// <param name="text">Sixty-four hexadecimal digits.</param>
    /// <param name="digest">The digest.</param>
    /// <returns>False when the text is not of that form.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool valid = text.Length == Size * 2
            && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done;
        digest = valid ? new Digest(bytes) : default;
        return valid;
    }

    /// <summary>Copies the digest's bytes.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    /// <inheritdoc/>
    public bool Equals(Digest other) =>
        _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)_a;

    /// <summary>Sixty-four lower-case hexadecimal digits.</summary>
    /// <returns>The digits.</returns>
    public override string ToString() =>
        Convert.ToHexStringLower(MemoryMarshal.AsBytes(new ReadOnlySpan<Digest>(in this)));

    /// <summary>Whether two digests are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when they are.</returns>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether two digests differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>True when they do.</returns>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);
}
