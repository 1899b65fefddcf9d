using System.Buffers.Binary;

namespace VMSeed.Nbd.Protocol;

/// <summary>What begins each request of the transmission phase.</summary>
/// <param name="Flags">How it wants to be done.</param>
/// <param name="Type">What it asks for.</param>
/// <param name="Cookie">The client's name for it; comes back in the replies as it is.</param>
/// <param name="Offset">Where in the export, in bytes.</param>
/// <param name="Length">How far, in bytes.</param>
internal readonly record struct RequestHeader(
    CommandFlags Flags, CommandType Type, ulong Cookie, ulong Offset, uint Length)
{
    public const int Size = 28;

    /// <summary>Where the range ends. Meaningful once the range is known to lie within the
    /// export.</summary>
    public long End => (long)Offset + Length;

    public bool Has(CommandFlags flag) => (Flags & flag) != 0;

    /// <summary>Reads a header.</summary>
    /// <exception cref="NbdProtocolException">It is none: the two sides have lost each
    /// other.</exception>
    public static RequestHeader Parse(ReadOnlySpan<byte> bytes)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return magic == Magic.Request
            ? new RequestHeader(
                (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
                (CommandType)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]))
            : throw new NbdProtocolException(
                $"A request begins with {magic:x8}, and not with {Magic.Request:x8}.");
    }
}
