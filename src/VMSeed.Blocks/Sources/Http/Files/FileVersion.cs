using System.Globalization;
using System.Net.Http.Headers;

namespace VMSeed.Blocks.Sources.Http.Files;

// What tells one version of a file on a web server from the next (RFC 9110 section 8.8).
//
//   a strong ETag              says that two answers are of the same bytes. Alone it suffices, and
//                              the date is not looked at: the servers of one network often agree
//                              on the tag and not on the second.
//   a date (Last-Modified)     says so to the second: a file that is changed twice within one
//                              second, and read in between, is not found out. Together with the
//                              length it is what every tool goes by where there is no strong tag.
//   a weak ETag                says that two answers are as good as each other, which is no help
//                              to a disk. It is compared beside the date: several servers make it
//                              of size and time, finer than the date itself.
//   the length                 is always compared.
//
// Each request carries the condition (If-Match, or If-Unmodified-Since), so that a server answers
// 412 instead of sending bytes, and each answer is compared all the same, because servers and
// caches exist that ignore conditions. If-Range is not used: its "no" is the whole file.

/// <summary>The version of a file that a device is bound to.</summary>
/// <param name="Length">The file's length in bytes.</param>
/// <param name="Tag">Its ETag, where it has one.</param>
/// <param name="Modified">Its Last-Modified, where it has one.</param>
internal sealed record FileVersion(
    long Length, EntityTagHeaderValue? Tag, DateTimeOffset? Modified)
{
    /// <summary>Room for a server's tag in a message, in characters.</summary>
    private const int LongestTag = 60;

    private EntityTagHeaderValue? StrongTag => Tag is { IsWeak: false } ? Tag : null;

    /// <summary>Whether a change would be noticed: by a strong ETag or by a date.</summary>
    public bool IsBound => StrongTag is not null || Modified is not null || Length == 0;

    /// <summary>Reads the version that an answer is of.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="length">The file's length in bytes.</param>
    /// <returns>The version.</returns>
    public static FileVersion Of(HttpResponseMessage response, long length) =>
        new(length, response.Headers.ETag, response.Content.Headers.LastModified);

    /// <summary>Asks the server for this version or none.</summary>
    /// <param name="message">The request.</param>
    public void Demand(HttpRequestMessage message)
    {
        if (StrongTag is { } tag)
        {
            message.Headers.IfMatch.Add(tag);
        }
        else if (Modified is { } date)
        {
            message.Headers.IfUnmodifiedSince = date;
        }
    }

    /// <summary>How an answer's version differs from this one.</summary>
    /// <param name="response">The answer.</param>
    /// <returns>The fact, as the end of a sentence; null when it is the same, as far as can be
    /// told.</returns>
    public string? DifferenceIn(HttpResponseMessage response)
    {
        EntityTagHeaderValue? tag = response.Headers.ETag;
        if (StrongTag is { } strong)
        {
            return strong.Equals(tag) ? null : Differs("ETag", strong, tag);
        }

        DateTimeOffset? modified = response.Content.Headers.LastModified;
        return Modified is not null && modified != Modified
            ? Differs("Last-Modified", $"{Modified:R}", modified is null ? null : $"{modified:R}")
            : Tag is not null && !Tag.Equals(tag) ? Differs("ETag", Tag, tag) : null;
    }

    /// <summary>What the version is named by in the cache.</summary>
    /// <returns>The text, of lines that cannot be mistaken for one another.</returns>
    public string ToKey() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Length}\n{Tag}\n{(StrongTag is null ? Modified?.UtcTicks : null)}\n");

    /// <inheritdoc/>
    public override string ToString() =>
        StrongTag is not null || (Tag is not null && Modified is null) ? $"ETag {Shorten(Tag)}"
        : Modified is { } date ? $"Last-Modified {date:R}"
        : $"{Length} bytes";

    private static string Differs(string field, object was, object? now) =>
        $"its {field} was {Shorten(was)}, and "
        + (now is null ? "is not told any more" : $"is {Shorten(now)}");

    private static string Shorten(object? value)
    {
        string text = $"{value}";
        return text.Length <= LongestTag ? text : text[..LongestTag] + "…";
    }
}
