using System.Buffers.Binary;

namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>Fields and checksum of a structure, whose other bytes stay as they are: whoever wrote
/// them may need them.</summary>
internal static class VhdBytes
{
    public static uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    public static long Int64(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadInt64BigEndian(bytes[at..]);

    public static Guid Id(ReadOnlySpan<byte> bytes, int at) =>
        new(bytes.Slice(at, 16), bigEndian: true);

    public static void Put(Span<byte> bytes, int at, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(bytes[at..], value);

    public static void Put(Span<byte> bytes, int at, long value) =>
        BinaryPrimitives.WriteInt64BigEndian(bytes[at..], value);

    public static void Put(Span<byte> bytes, int at, Guid value) =>
        value.TryWriteBytes(bytes[at..], bigEndian: true, out _);

    /// <summary>The complement of the sum of all bytes but the checksum's own four.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes, int checksumAt)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i - checksumAt is >= 0 and < sizeof(uint) ? 0u : bytes[i];
        }

        return ~sum;
    }
}
