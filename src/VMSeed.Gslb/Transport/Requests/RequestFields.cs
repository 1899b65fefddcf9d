using System.Net.Http.Headers;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>Which fields of a client's request a mirror gets.</summary>
/// <remarks>
/// All but these: credentials, which go to the server alone that the client addressed; the name of
/// that server; codings, for a compressed part is no part of the file; and, where a stream goes on
/// in the middle, conditions, which were for its beginning.
/// </remarks>
internal static class RequestFields
{
    private static readonly string[] _secrets = ["Authorization", "Cookie", "Proxy-Authorization"];
    private static readonly string[] _own = ["Host", "Accept-Encoding", "Range"];
    private static readonly string[] _conditions =
    [
        "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
    ];

    /// <summary>Copies fields.</summary>
    /// <param name="plan">What is asked for.</param>
    /// <param name="message">The request to a mirror.</param>
    /// <param name="isTrusted">Whether that is the server that the client addressed.</param>
    /// <param name="isPastCaches">Whether caches on the way are to be passed over.</param>
    public static void Copy(
        RequestPlan plan, HttpRequestMessage message, bool isTrusted, bool isPastCaches)
    {
        HttpRequestHeaders target = message.Headers;
        foreach (KeyValuePair<string, HeaderStringValues> field in plan.Source.Headers.NonValidated)
        {
            bool isLeftOut = IsOneOf(_own, field.Key)
                || (!isTrusted && IsOneOf(_secrets, field.Key))
                || (plan.Continuity is not null && IsOneOf(_conditions, field.Key));
            if (!isLeftOut)
            {
                Add(target, field);
            }
        }

        target.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (plan.Wish.IsPart)
        {
            target.TryAddWithoutValidation("Range", plan.Wish.ToString());
        }

        if (isPastCaches)
        {
            target.Remove("Cache-Control");
            target.TryAddWithoutValidation("Cache-Control", "no-cache");
        }
    }

    private static void Add(
        HttpRequestHeaders target, in KeyValuePair<string, HeaderStringValues> field)
    {
        if (field.Value.Count == 1)
        {
            target.TryAddWithoutValidation(field.Key, field.Value.ToString());
        }
        else
        {
            target.TryAddWithoutValidation(field.Key, field.Value);
        }
    }

    private static bool IsOneOf(string[] names, string name)
    {
        foreach (string known in names)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
