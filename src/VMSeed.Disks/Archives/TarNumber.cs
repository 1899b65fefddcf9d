using System.Buffers.Binary;
using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Archives;

/// <summary>Numbers of tar's headers.</summary>
internal static class TarNumber
{
    /// <summary>The first byte's mark of a binary number (GNU's base-256).</summary>
    private const byte Binary = 0x80;

    public static long Read(ReadOnlySpan<byte> field)
    {
        if (field[0] == Binary)
        {
            long value = BinaryPrimitives.ReadInt64BigEndian(field[^sizeof(long)..]);
            return value >= 0 && !field[1..^sizeof(long)].ContainsAnyExcept((byte)0)
                ? value
                : throw Corrupt(field);
        }

        long octal = 0;
        foreach (byte digit in field.Trim(" \0"u8))
        {
            octal = digit is >= (byte)'0' and <= (byte)'7' && octal < 1L << 60
                ? (octal * 8) + digit - '0'
                : throw Corrupt(field);
        }

        return octal;
    }

    /// <summary>Writes digits where they suffice, so that every tar can read it; else
    /// binary.</summary>
    public static void Write(Span<byte> field, long value)
    {
        field.Clear();
        if (value >= 1L << (3 * (field.Length - 1)))
        {
            field[0] = Binary;
            BinaryPrimitives.WriteInt64BigEndian(field[^sizeof(long)..], value);
            return;
        }

        for (int i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static DiskFormatException Corrupt(ReadOnlySpan<byte> field) =>
        DiskFormatException.Corrupt(
            $"The archive has the bytes {Convert.ToHexString(field)} where a number belongs.");
}
