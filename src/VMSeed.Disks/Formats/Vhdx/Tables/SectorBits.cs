namespace VMSeed.Disks.Formats.Vhdx.Tables;

/// <summary>Bits of a sector bitmap, the lowest of a byte first (2.5.2).</summary>
internal static class SectorBits
{
    public static bool IsSet(ReadOnlySpan<byte> bits, int at) =>
        (bits[at / 8] & (1 << (at % 8))) != 0;

    /// <summary>Where bits of one value end.</summary>
    /// <param name="bits">The bits.</param>
    /// <param name="from">A bit of the value.</param>
    /// <param name="to">Where to stop looking.</param>
    /// <param name="value">The value.</param>
    public static int EndOfRun(ReadOnlySpan<byte> bits, int from, int to, bool value)
    {
        byte whole = (byte)(value ? 0xFF : 0);
        while (from < to)
        {
            if (from % 8 == 0 && bits[from / 8] == whole)
            {
                int same = bits[(from / 8)..].IndexOfAnyExcept(whole);
                from = same < 0 ? bits.Length * 8 : from + (same * 8);
            }
            else if (IsSet(bits, from) == value)
            {
                from++;
            }
            else
            {
                return from;
            }
        }

        return to;
    }

    /// <summary>Sets bits.</summary>
    public static void Set(Span<byte> bits, int from, int to)
    {
        for (; from < to; from++)
        {
            if (from % 8 == 0 && to - from >= 8)
            {
                bits[(from / 8)..(to / 8)].Fill(0xFF);
                from = (to & ~7) - 1;
            }
            else
            {
                bits[from / 8] |= (byte)(1 << (from % 8));
            }
        }
    }
}
