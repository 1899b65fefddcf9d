using System.Buffers.Binary;

namespace VMSeed.Nbd.Protocol;

/// <summary>Writes what replies begin with, in network byte order.</summary>
/// <remarks>
/// A client that has agreed to structured replies gets them wherever there is something to say:
/// data, holes, block status, errors with a sentence. A success without payload stays the simple
/// reply of 16 bytes, which every client has to know for such requests.
/// </remarks>
internal static class Reply
{
    /// <summary>Bytes of a simple reply, its data not counted.</summary>
    public const int SimpleSize = 16;

    /// <summary>Bytes before a chunk's payload.</summary>
    public const int ChunkSize = 20;

    /// <summary>Bytes before the data of a chunk of data: the chunk's own, and the
    /// offset.</summary>
    public const int DataSize = ChunkSize + 8;

    /// <summary>Bytes of a chunk that stands for a hole.</summary>
    public const int HoleSize = ChunkSize + 12;

    /// <summary>Bytes before the text of an error.</summary>
    public const int ErrorSize = ChunkSize + 6;

    /// <summary>The longest hole that one chunk stands for; keeps to whole sectors, as chunks
    /// should.</summary>
    public const long MaxHole = 0x8000_0000;

    private const ushort Done = 1;

    public static void Simple(Span<byte> room, ulong cookie, ErrorCode error)
    {
        BinaryPrimitives.WriteUInt32BigEndian(room, Magic.SimpleReply);
        BinaryPrimitives.WriteUInt32BigEndian(room[4..], (uint)error);
        BinaryPrimitives.WriteUInt64BigEndian(room[8..], cookie);
    }

    public static void Chunk(
        Span<byte> room, ulong cookie, ChunkType type, bool done, int payload)
    {
        BinaryPrimitives.WriteUInt32BigEndian(room, Magic.StructuredReply);
        BinaryPrimitives.WriteUInt16BigEndian(room[4..], done ? Done : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(room[6..], (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(room[8..], cookie);
        BinaryPrimitives.WriteUInt32BigEndian(room[16..], (uint)payload);
    }

    public static void Data(Span<byte> room, ulong cookie, bool done, long offset, int length)
    {
        Chunk(room, cookie, ChunkType.OffsetData, done, length + 8);
        BinaryPrimitives.WriteInt64BigEndian(room[ChunkSize..], offset);
    }

    public static void Hole(Span<byte> room, ulong cookie, bool done, long offset, long length)
    {
        Chunk(room, cookie, ChunkType.OffsetHole, done, HoleSize - ChunkSize);
        BinaryPrimitives.WriteInt64BigEndian(room[ChunkSize..], offset);
        BinaryPrimitives.WriteUInt32BigEndian(room[(ChunkSize + 8)..], (uint)length);
    }

    /// <summary>Writes the last chunk of a reply that is an error.</summary>
    public static void Error(
        Span<byte> room, ulong cookie, ErrorCode error, ReadOnlySpan<byte> text)
    {
        Chunk(room, cookie, ChunkType.Error, done: true, 6 + text.Length);
        BinaryPrimitives.WriteUInt32BigEndian(room[ChunkSize..], (uint)error);
        BinaryPrimitives.WriteUInt16BigEndian(room[(ChunkSize + 4)..], (ushort)text.Length);
        text.CopyTo(room[ErrorSize..]);
    }
}
