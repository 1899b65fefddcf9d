using System.Globalization;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>The part of a file that a request asks for.</summary>
/// <param name="First">The first byte; -1 where the whole file is asked for.</param>
/// <param name="Last">The last byte; -1 where the request does not say.</param>
internal readonly record struct ByteWish(long First, long Last)
{
    private const string Unit = "bytes=";

    /// <summary>The whole file.</summary>
    public static ByteWish Whole => new(-1, -1);

    /// <summary>Whether a part is asked for.</summary>
    public bool IsPart => First >= 0;

    /// <summary>How many bytes are asked for; -1 where the request does not say.</summary>
    public long Length => IsPart && Last >= 0 ? Last - First + 1 : -1;

    /// <summary>Reads a Range field (RFC 9110 section 14.2).</summary>
    /// <param name="text">The field's value.</param>
    /// <param name="wish">The part.</param>
    /// <returns>False for several parts, for one that counts from the end, and for what is no
    /// range.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ByteWish wish)
    {
        wish = Whole;
        text = text.Trim();
        if (!text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        text = text[Unit.Length..];
        int dash = text.IndexOf('-');
        if (dash < 1 || !TryParseNumber(text[..dash], out long first))
        {
            return false;
        }

        long last = -1;
        if (dash + 1 < text.Length && !TryParseNumber(text[(dash + 1)..], out last))
        {
            return false;
        }

        wish = new ByteWish(first, last);
        return last < 0 || first <= last;
    }

    /// <summary>The field's value.</summary>
    /// <returns>A Range field.</returns>
    public override string ToString() => Last < 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Unit}{First}-")
        : string.Create(CultureInfo.InvariantCulture, $"{Unit}{First}-{Last}");

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
