using System.Numerics;
using System.Runtime.InteropServices;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>CRC-32C of a structure whose own checksum, at byte 4, counts as zeros.</summary>
internal static class VhdxChecksum
{
    /// <summary>Where every structure with a checksum has it.</summary>
    public const int Offset = 4;

    public static uint Of(ReadOnlySpan<byte> structure)
    {
        uint crc = Add(uint.MaxValue, structure[..Offset]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Add(crc, structure[(Offset + sizeof(uint))..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian
                ? word
                : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte rest in bytes[(bytes.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return crc;
    }
}
