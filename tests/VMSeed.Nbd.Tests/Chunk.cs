using System.Buffers.Binary;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Tests;

/// <summary>A chunk of a structured reply.</summary>
internal sealed record Chunk(bool Done, ChunkType Type, ulong Cookie, byte[] Payload)
{
    public ErrorCode Error => (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(Payload);

    public long Offset => BinaryPrimitives.ReadInt64BigEndian(Payload);

    public uint HoleLength => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(8));

    public ReadOnlySpan<byte> Data => Payload.AsSpan(8);
}
