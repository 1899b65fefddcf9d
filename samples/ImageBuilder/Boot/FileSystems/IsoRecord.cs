using System.Buffers.Binary;
using System.Text;

namespace VMSeed.ImageBuilder.Boot.FileSystems;

/// <summary>What a folder of an ISO 9660 file system says of a file (ECMA-119, section
/// 9.1).</summary>
/// <param name="Name">Its name: the Rock Ridge one where it has one, else without the
/// version.</param>
/// <param name="Offset">Where it begins, in bytes from the file system's begin.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
internal sealed record IsoRecord(string Name, long Offset, long Length, bool IsFolder)
{
    public const int SectorSize = 2048;

    private const int NameOffset = 33;
    private const byte FolderFlag = 2;

    /// <summary>Reads a record; its first byte is its length.</summary>
    /// <returns>Null where it is none.</returns>
    public static IsoRecord? Parse(ReadOnlySpan<byte> record)
    {
        if (record.Length < NameOffset + 1 || NameOffset + record[32] > record.Length)
        {
            return null;
        }

        int nameLength = record[32];
        string plain = Encoding.ASCII.GetString(record.Slice(NameOffset, nameLength));
        int behind = NameOffset + nameLength + (~nameLength & 1);
        return new IsoRecord(
            RockRidgeName(behind < record.Length ? record[behind..] : default)
                ?? plain.Split(';')[0].TrimEnd('.'),
            BinaryPrimitives.ReadUInt32LittleEndian(record[2..]) * (long)SectorSize,
            BinaryPrimitives.ReadUInt32LittleEndian(record[10..]),
            (record[25] & FolderFlag) != 0);
    }

    // Fields of two letters, a length, a version (SUSP); NM has one byte of flags, then the name
    // (Rock Ridge Interchange Protocol, section 4.1.4).
    private static string? RockRidgeName(ReadOnlySpan<byte> fields)
    {
        while (fields.Length > 5 && fields[2] is > 3 and byte length && length <= fields.Length)
        {
            if (fields.StartsWith("NM"u8) && length > 5)
            {
                return Encoding.UTF8.GetString(fields[5..length]);
            }

            fields = fields[length..];
        }

        return null;
    }
}
