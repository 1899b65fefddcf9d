using System.Globalization;
using System.Net.Http.Headers;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>The part of a file that an answer says it is (RFC 9110 section 14.4).</summary>
/// <param name="First">The first byte.</param>
/// <param name="Last">The last byte.</param>
/// <param name="Total">The file's length; -1 where the server does not know it.</param>
internal readonly record struct BytePart(long First, long Last, long Total)
{
    private const string Unit = "bytes ";

    /// <summary>Reads the Content-Range field of an answer; exactly one, and one that does not
    /// contradict itself.</summary>
    /// <param name="headers">The answer's fields.</param>
    /// <param name="part">The part.</param>
    /// <returns>False where there is no such field.</returns>
    public static bool TryRead(HttpContentHeaders headers, out BytePart part)
    {
        part = default;
        return headers.NonValidated.TryGetValues("Content-Range", out HeaderStringValues values)
            && values.Count == 1
            && TryParse(values.ToString(), out part);
    }

    private static bool TryParse(ReadOnlySpan<char> text, out BytePart part)
    {
        part = default;
        if (!text.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        text = text[Unit.Length..];
        int dash = text.IndexOf('-');
        int slash = text.IndexOf('/');
        if (dash < 1 || slash < dash
            || !TryParseNumber(text[..dash], out long first)
            || !TryParseNumber(text[(dash + 1)..slash], out long last))
        {
            return false;
        }

        ReadOnlySpan<char> size = text[(slash + 1)..];
        long total = -1;
        if (size is not "*" && !TryParseNumber(size, out total))
        {
            return false;
        }

        part = new BytePart(first, last, total);
        return first <= last && (total < 0 || last < total);
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
