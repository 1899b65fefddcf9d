using System.Numerics;

namespace VMSeed.Disks.Formats.Vhd.Structures;

/// <summary>Bits of sectors: the most significant of a byte is its first.</summary>
internal static class VhdBitmap
{
    /// <summary>Whether a sector's bit is set.</summary>
    /// <param name="bytes">What holds the bitmap.</param>
    /// <param name="start">Where in it the bitmap begins; negative when it began before.</param>
    /// <param name="sector">The sector's number in its block.</param>
    public static bool IsSet(ReadOnlySpan<byte> bytes, int start, int sector) =>
        (bytes[start + (sector / 8)] & (0x80 >> (sector % 8))) != 0;

    /// <summary>How many sectors from one on have the same bit.</summary>
    /// <param name="bytes">What holds the bitmap.</param>
    /// <param name="start">Where in it the bitmap begins.</param>
    /// <param name="sector">The first sector.</param>
    /// <param name="count">How many are looked at; at least 1.</param>
    public static int RunLength(ReadOnlySpan<byte> bytes, int start, int sector, int count)
    {
        // The bits that differ from the first are ones.
        byte flip = IsSet(bytes, start, sector) ? (byte)0xFF : (byte)0;
        int end = sector + count;
        for (int at = sector; at < end;)
        {
            int bit = at % 8;
            int differing = (byte)((bytes[start + (at / 8)] ^ flip) << bit);
            if (differing != 0)
            {
                at += BitOperations.LeadingZeroCount((uint)differing) - 24;
                return Math.Min(at, end) - sector;
            }

            at += 8 - bit;
        }

        return count;
    }

    /// <summary>Sets the bits of neighbours.</summary>
    /// <param name="bitmap">The bitmap.</param>
    /// <param name="sector">The first sector.</param>
    /// <param name="count">How many.</param>
    public static void Set(Span<byte> bitmap, int sector, int count)
    {
        for (int end = sector + count; sector < end; sector++)
        {
            bitmap[sector / 8] |= (byte)(0x80 >> (sector % 8));
        }
    }
}
