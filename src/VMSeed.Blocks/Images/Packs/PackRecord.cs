using System.Buffers.Binary;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>A pack as an index page names it.</summary>
internal readonly record struct PackRecord(Digest Digest, long Length)
{
    public const int Size = 40;

    public static PackRecord Read(ReadOnlySpan<byte> bytes) =>
        new(new Digest(bytes[..32]), BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]));

    public void Write(Span<byte> bytes)
    {
        Digest.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Length);
    }
}
