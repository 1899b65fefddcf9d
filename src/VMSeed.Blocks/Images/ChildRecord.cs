using System.Buffers.Binary;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images;

/// <summary>An index page as its parent names it; the default value is a subtree of
/// zeros.</summary>
/// <param name="Digest">The digest of its object.</param>
/// <param name="Length">The object's length in bytes.</param>
internal readonly record struct ChildRecord(Digest Digest, int Length)
{
    public const int Size = 36;

    public bool IsZero => Length == 0;

    public static ChildRecord Read(ReadOnlySpan<byte> bytes) =>
        new(new Digest(bytes[..32]), BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]));

    public void Write(Span<byte> bytes)
    {
        Digest.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], Length);
    }
}
