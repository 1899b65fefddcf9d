using System.Net;
using System.Net.Http.Headers;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>Decides from the head of an answer whether its body is the range that was asked
/// for.</summary>
/// <remarks>
/// The commonest way to corrupt a remote disk is to take the body of a 200 for the range (several
/// readers of images did), so nothing is taken on trust: a 206 must name exactly the bytes that
/// were asked for and the object's known length; a 200 is the whole object or nothing. The type
/// text/html is only held against a 200: a 206 with the right range is no portal page, whatever it
/// calls itself.
/// </remarks>
internal static class HttpAnswer
{
    /// <summary>Checks that an answer has a body of ours, and came the way that was asked
    /// for.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="request">The range that was asked for, null for a whole file.</param>
    /// <param name="time">Tells how far off a date of Retry-After is.</param>
    /// <exception cref="BlockIOException">The answer is none of 200 and 206.</exception>
    public static void CheckStatus(
        HttpTry attempt, HttpResponseMessage response, in ObjectRequest? request, TimeProvider time)
    {
        if (attempt.IsSecure && response.RequestMessage?.RequestUri is { Scheme: "http" } clear)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"was redirected from https to {WebAddress.Display(clear)}, which is not trusted");
        }

        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.PartialContent:
                return;
            case HttpStatusCode.RequestedRangeNotSatisfiable when request is { } range:
                throw OfUnsatisfied(attempt, response, range);
            default:
                throw HttpFailures.OfStatus(attempt, response, time.GetUtcNow());
        }
    }

    /// <summary>Checks the answer to a request for a range.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="maxWhole">The size in bytes up to which a whole object is taken.</param>
    /// <returns>How many bytes of the body lie before the range.</returns>
    /// <exception cref="BlockIOException">The body is not what was asked for.</exception>
    public static long CheckRange(
        HttpTry attempt, HttpResponseMessage response, in ObjectRequest request, long maxWhole)
    {
        CheckEncoding(attempt, response);
        if (response.StatusCode == HttpStatusCode.PartialContent)
        {
            CheckPart(attempt, response.Content.Headers, request);
            return 0;
        }

        CheckType(attempt, response.Content.Headers);
        CheckWholeObject(attempt, response.Content.Headers, request, maxWhole);
        return request.Offset;
    }

    /// <summary>Checks the answer to a request for a whole file.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="limit">The size in bytes beyond which it is refused.</param>
    /// <exception cref="BlockIOException">The body is not what was asked for.</exception>
    public static void CheckWhole(HttpTry attempt, HttpResponseMessage response, int limit)
    {
        CheckEncoding(attempt, response);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw attempt.Failure(
                FailureReason.Refused, "answered with a part (206) where the whole was asked for");
        }

        CheckType(attempt, response.Content.Headers);
        if (response.Content.Headers.ContentLength > limit)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"has {response.Content.Headers.ContentLength} bytes; "
                    + $"more than {limit} bytes are not read");
        }
    }

    // RFC 9110 section 15.5.17: the object is too short, or the server contradicts itself.
    private static BlockIOException OfUnsatisfied(
        HttpTry attempt, HttpResponseMessage response, in ObjectRequest request)
    {
        long total = TryGetRange(response.Content.Headers, out ContentRange range)
            ? range.Total
            : -1;
        string asked = $"bytes {request.Offset} to {request.Offset + request.Length - 1}";
        return total >= request.Offset + request.Length
            ? attempt.Failure(
                FailureReason.Refused, $"has {total} bytes, and answered 416 to a wish for {asked}")
            : attempt.Failure(
                FailureReason.Corrupt,
                $"is too short for {asked}: 416, its length is {(total < 0 ? "not told" : total)}");
    }

    /// <summary>Checks a part (206) against what was asked for.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="headers">Fields of its answer.</param>
    /// <param name="request">What was asked for.</param>
    /// <exception cref="BlockIOException">It is another part.</exception>
    public static void CheckPart(
        HttpTry attempt, HttpContentHeaders headers, in ObjectRequest request)
    {
        string type = headers.ContentType?.MediaType ?? "";
        if (type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            throw attempt.Failure(
                FailureReason.Refused, "sent several parts where one was asked for");
        }

        if (!TryGetRange(headers, out ContentRange range))
        {
            throw attempt.Failure(
                FailureReason.Refused, "answered 206 without one Content-Range that can be read");
        }

        long last = request.Offset + request.Length - 1;
        if (IsAnotherObject(range.Total, request, last))
        {
            throw attempt.Failure(
                FailureReason.Corrupt, $"has {range.Total} bytes instead of {Expected(request)}");
        }

        if (range.First != request.Offset || range.Last != last)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"sent bytes {range.First} to {range.Last} for {request.Offset} to {last}");
        }

        if (headers.ContentLength is { } length && length != request.Length)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"announces {length} bytes for a range of {request.Length}");
        }
    }

    private static bool IsAnotherObject(long total, in ObjectRequest request, long last) =>
        total >= 0 && (request.ObjectLength > 0 ? total != request.ObjectLength : total <= last);

    private static string Expected(in ObjectRequest request) =>
        request.ObjectLength > 0
            ? $"{request.ObjectLength}"
            : $"at least {request.Offset + request.Length}";

    private static void CheckWholeObject(
        HttpTry attempt, HttpContentHeaders headers, in ObjectRequest request, long maxWhole)
    {
        if (headers.ContentLength is not { } length || request.ObjectLength == 0)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                "answered a wish for a range with the whole (200), of unknown length");
        }

        if (length != request.ObjectLength)
        {
            throw attempt.Failure(
                FailureReason.Corrupt,
                $"answered 200 with {length} bytes instead of {request.ObjectLength}");
        }

        if (length > maxWhole && length != request.Length)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"has no ranges: it sent all {length} bytes, and more than {maxWhole} are not "
                    + "taken");
        }
    }

    /// <summary>Checks that the body is not compressed.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <exception cref="BlockIOException">It is.</exception>
    public static void CheckEncoding(HttpTry attempt, HttpResponseMessage response)
    {
        if (response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var codings)
            && !IsIdentity(codings))
        {
            throw attempt.Failure(
                FailureReason.Refused,
                $"sent its content as {Shorten(codings.ToString())}; only identity was asked for");
        }
    }

    private static bool IsIdentity(HeaderStringValues codings)
    {
        foreach (string coding in codings)
        {
            if (coding.Length > 0 && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Checks that a whole (200) is not a page for a human.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="headers">Fields of its answer.</param>
    /// <exception cref="BlockIOException">It is one.</exception>
    public static void CheckType(HttpTry attempt, HttpContentHeaders headers)
    {
        string type = headers.ContentType?.MediaType ?? "";
        if (type.Contains("html", StringComparison.OrdinalIgnoreCase))
        {
            throw attempt.PortalFailure(Shorten(type));
        }
    }

    /// <summary>Reads which part of a file an answer says it is of.</summary>
    /// <param name="headers">The answer's fields.</param>
    /// <param name="range">The range.</param>
    /// <returns>False where there is none, more than one, or one that cannot be read.</returns>
    public static bool TryGetRange(HttpContentHeaders headers, out ContentRange range)
    {
        range = default;
        return headers.NonValidated.TryGetValues("Content-Range", out HeaderStringValues values)
            && values.Count == 1
            && ContentRange.TryParse(values.ToString(), out range);
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
