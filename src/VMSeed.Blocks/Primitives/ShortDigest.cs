using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VMSeed.Blocks.Primitives;

/// <summary>The first 16 bytes of a SHA-256: enough to check bytes against, not to name them
/// by.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ShortDigest(ulong A, ulong B)
{
    public const int Size = 16;

    public static ShortDigest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        return MemoryMarshal.Read<ShortDigest>(digest);
    }

    public static ShortDigest Read(ReadOnlySpan<byte> bytes) =>
        MemoryMarshal.Read<ShortDigest>(bytes[..Size]);

    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);
}
