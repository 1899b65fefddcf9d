using System.Globalization;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>A Content-Range field (RFC 9110 section 14.4), read strictly: servers are not
/// trusted.</summary>
/// <param name="First">The first byte's offset, -1 where the range was not satisfied.</param>
/// <param name="Last">The last byte's offset, -1 where the range was not satisfied.</param>
/// <param name="Total">The representation's length in bytes, -1 where the server does not know
/// it.</param>
internal readonly record struct ContentRange(long First, long Last, long Total)
{
    private const string Unit = "bytes ";

    /// <summary>Reads a field's value.</summary>
    /// <param name="text">The value.</param>
    /// <param name="range">What it says.</param>
    /// <returns>False where it is of another form, of another unit, or contradicts
    /// itself.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ContentRange range)
    {
        range = default;
        int slash = text.IndexOf('/');
        if (slash < 0 || !text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> part = text[Unit.Length..slash];
        ReadOnlySpan<char> size = text[(slash + 1)..];
        long total = -1;
        if (size is not "*" && !TryParseNumber(size, out total))
        {
            return false;
        }

        if (part is "*")
        {
            range = new ContentRange(-1, -1, total);
            return total >= 0;
        }

        int dash = part.IndexOf('-');
        if (dash < 0 || !TryParseNumber(part[..dash], out long first)
            || !TryParseNumber(part[(dash + 1)..], out long last))
        {
            return false;
        }

        range = new ContentRange(first, last, total);
        return first <= last && (total < 0 || last < total);
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
