using System.Net;
using System.Net.Http.Headers;
using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>Decides from the head of an answer whose fault it is, if anybody's.</summary>
/// <remarks>
/// A server's answer is hostile input. A 206 must name the bytes that were asked for, or as many
/// as the file has; a 200 in place of a part is taken where both are the same bytes; a page for a
/// human in place of a file is mostly the log-in page of a network. 404, 410, 412 and 416 say that
/// the mirror has not this file, or another one: it is incomplete or behind, which is no fault of
/// what it has.
/// </remarks>
internal static class AnswerJudge
{
    /// <summary>Judges an answer's head.</summary>
    /// <param name="plan">What was asked for.</param>
    /// <param name="response">The answer.</param>
    /// <param name="now">The time, for a Retry-After that is a date.</param>
    /// <returns>What it says.</returns>
    public static Answer Judge(
        RequestPlan plan, HttpResponseMessage response, DateTimeOffset now)
    {
        int code = (int)response.StatusCode;
        double wait = WaitOf(response.Headers.RetryAfter, now);
        if (code >= 400 && ProxyVoice.Of(response) is { } refusal)
        {
            return Answer.Bad(AttemptOutcome.Proxied, refusal);
        }

        return code switch
        {
            206 or 200 => JudgeContent(plan, response),
            304 when plan.IsRevalidation => Answer.Good(0, -1),
            404 or 410 or 412 or 416 => Bad(AttemptOutcome.Missing, response),
            429 => Bad(AttemptOutcome.Busy, response, wait),
            503 when response.Headers.RetryAfter is not null =>
                Bad(AttemptOutcome.Busy, response, wait),
            511 => Bad(AttemptOutcome.Page, response),
            408 or 425 or (>= 500 and < 600) => Bad(AttemptOutcome.ServerError, response),
            _ => Bad(AttemptOutcome.Malformed, response),
        };
    }

    private static Answer JudgeContent(RequestPlan plan, HttpResponseMessage response)
    {
        HttpContentHeaders headers = response.Content.Headers;
        if (CodingOf(headers) is { } coding)
        {
            return Answer.Bad(
                AttemptOutcome.Malformed, $"sent its content as {Shorten(coding)}");
        }

        Answer answer = response.StatusCode == HttpStatusCode.PartialContent
            ? JudgePart(plan.Wish, headers)
            : JudgeWhole(plan, headers);
        return answer.IsGood && plan.Continuity?.IsKeptBy(response, answer.Total) == false
            ? Answer.Bad(AttemptOutcome.Missing, "has another version of the file")
            : answer;
    }

    private static Answer JudgePart(in ByteWish wish, HttpContentHeaders headers)
    {
        if (!wish.IsPart)
        {
            return Malformed("answered with a part (206) where the whole was asked for");
        }

        if (!BytePart.TryRead(headers, out BytePart part))
        {
            return Malformed("answered 206 without one Content-Range that can be read");
        }

        bool isClipped = part.Total >= 0 && part.Last == part.Total - 1
            && (wish.Last < 0 || part.Last < wish.Last);
        if (part.First != wish.First || (part.Last != wish.Last && !isClipped))
        {
            return Malformed(Say($"sent bytes {part.First} to {part.Last} for {wish}"));
        }

        long length = part.Last - part.First + 1;
        return headers.ContentLength is { } told && told != length
            ? Malformed(Say($"announces {told} bytes for a part of {length}"))
            : Answer.Good(length, part.Total);
    }

    private static Answer JudgeWhole(RequestPlan plan, HttpContentHeaders headers)
    {
        string type = headers.ContentType?.MediaType ?? "";
        if (type.Contains("html", StringComparison.OrdinalIgnoreCase) && !IsPage(plan.Path))
        {
            return Answer.Bad(AttemptOutcome.Page, $"answered with a page ({Shorten(type)})");
        }

        long length = headers.ContentLength ?? -1;
        bool isSame = !plan.Wish.IsPart
            || (plan.Wish.First == 0 && (plan.Wish.Last < 0 || plan.Wish.Length == length));
        return isSame
            ? Answer.Good(length, length)
            : Malformed("answered with the whole (200) where a part was asked for");
    }

    private static bool IsPage(string path) =>
        path.Length == 0 || path.EndsWith('/')
        || path.EndsWith(".html", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".htm", StringComparison.OrdinalIgnoreCase);

    private static string? CodingOf(HttpContentHeaders headers)
    {
        if (headers.NonValidated.TryGetValues("Content-Encoding", out HeaderStringValues codings))
        {
            foreach (string coding in codings)
            {
                if (coding.Length > 0
                    && !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
                {
                    return coding;
                }
            }
        }

        return null;
    }

    private static Answer Malformed(string fact) => Answer.Bad(AttemptOutcome.Malformed, fact);

    // The server's own phrase is not shown: it is hostile input. The names of the platform are.
    private static Answer Bad(
        AttemptOutcome outcome, HttpResponseMessage response, double retryAfter = 0)
    {
        HttpStatusCode status = response.StatusCode;
        string name = Enum.IsDefined(status) ? $" ({status})" : "";
        return Answer.Bad(outcome, Say($"answered {(int)status}{name}"), retryAfter);
    }

    // RFC 9110 section 10.2.3: seconds, or a date, which may lie in the past.
    private static double WaitOf(RetryConditionHeaderValue? field, DateTimeOffset now) =>
        Math.Max(0, (field?.Delta ?? (field?.Date - now) ?? TimeSpan.Zero).TotalMilliseconds);

    private static string Say(FormattableString text) => FormattableString.Invariant(text);

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
