using System.Text;
using static VMSeed.Disks.Archives.TarFormat;

namespace VMSeed.Disks.Archives;

/// <summary>The header of a sparse file in the old GNU format, with the blocks that go on with its
/// map.</summary>
internal static class TarHeader
{
    /// <summary>rw-r--r--.</summary>
    private const int Mode = 0b110_100_100;

    /// <summary>Makes a header.</summary>
    /// <param name="name">The file's name, at most 100 bytes.</param>
    /// <param name="length">Its size with its holes.</param>
    /// <param name="regions">What of it the archive will hold, in order.</param>
    /// <param name="modified">When it was changed last.</param>
    public static byte[] Create(
        string name,
        long length,
        IReadOnlyList<(long Offset, long Length)> regions,
        DateTimeOffset modified)
    {
        // An entry of no bytes at the file's end closes the map, as GNU tar's own do: without it, a
        // hole at the end would be cut off by some readers.
        List<(long Offset, long Length)> map = [.. regions, (length, 0)];
        int more = Math.Max(0, map.Count - MapEntries);
        byte[] bytes = new byte[(1 + ((more + ExtensionEntries - 1) / ExtensionEntries)) * Block];
        Encoding.UTF8.GetBytes(name).CopyTo(bytes, 0);
        TarNumber.Write(bytes.AsSpan(ModeOffset, 8), Mode);
        TarNumber.Write(bytes.AsSpan(UserOffset, 8), 0);
        TarNumber.Write(bytes.AsSpan(GroupOffset, 8), 0);
        TarNumber.Write(bytes.AsSpan(SizeOffset, NumberLength), regions.Sum(part => part.Length));
        TarNumber.Write(
            bytes.AsSpan(ModifiedOffset, NumberLength),
            Math.Max(0, modified.ToUnixTimeSeconds()));
        bytes[TypeOffset] = OldSparse;
        GnuMagic.CopyTo(bytes.AsSpan(MagicOffset));
        TarNumber.Write(bytes.AsSpan(RealSizeOffset, NumberLength), length);
        WriteMap(bytes, map);
        bytes[IsExtendedOffset] = more > 0 ? (byte)1 : (byte)0;
        TarNumber.Write(bytes.AsSpan(ChecksumOffset, ChecksumLength - 1), ChecksumOf(bytes));
        bytes[ChecksumOffset + ChecksumLength - 1] = (byte)' ';
        return bytes;
    }

    /// <summary>The sum of a header's bytes, with spaces for the sum itself.</summary>
    public static int ChecksumOf(ReadOnlySpan<byte> header)
    {
        int sum = ChecksumLength * ' ';
        for (int i = 0; i < Block; i++)
        {
            sum += i is >= ChecksumOffset and < ChecksumOffset + ChecksumLength ? 0 : header[i];
        }

        return sum;
    }

    private static void WriteMap(byte[] bytes, List<(long Offset, long Length)> map)
    {
        for (int i = 0; i < map.Count; i++)
        {
            int behind = i - MapEntries;
            int block = 1 + (behind / ExtensionEntries);
            int at = behind < 0
                ? MapOffset + (i * EntryLength)
                : (block * Block) + (behind % ExtensionEntries * EntryLength);
            TarNumber.Write(bytes.AsSpan(at, NumberLength), map[i].Offset);
            TarNumber.Write(bytes.AsSpan(at + NumberLength, NumberLength), map[i].Length);
            if (behind >= 0 && (block + 1) * Block < bytes.Length)
            {
                bytes[(block * Block) + ExtensionIsExtendedOffset] = 1;
            }
        }
    }
}
