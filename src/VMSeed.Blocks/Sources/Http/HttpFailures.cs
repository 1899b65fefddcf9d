using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>What each way of a web server to fail means to a reader.</summary>
/// <remarks>
/// Missing: the server knows that it has no such file. Unavailable: another try, later, may do.
/// Refused: another try brings the same, because someone must act first (a password, a certificate,
/// a configuration). Corrupt: a file is there and it is not the one that the index describes; a try
/// past caches may help.
/// </remarks>
internal static class HttpFailures
{
    /// <summary>The longest wait that a server's Retry-After is believed. A maintenance window told
    /// in hours must not park a reader for hours: it asks again after this, and is told
    /// again.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>Room for a hostile Location in a message, in characters.</summary>
    private const int LongestLocation = 200;

    /// <summary>An answer without bytes of the file.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer, neither 200 nor 206.</param>
    /// <param name="now">The time, for a Retry-After that is a date.</param>
    /// <returns>The error.</returns>
    public static BlockIOException OfStatus(
        HttpTry attempt, HttpResponseMessage response, DateTimeOffset now)
    {
        int code = (int)response.StatusCode;
        string fact = $"answered {Name(response.StatusCode)}";
        return code switch
        {
            404 or 410 => attempt.Failure(FailureReason.Missing, fact),
            408 or 425 or 429 or (>= 500 and < 600) => Later(attempt, fact, response, now),
            >= 300 and < 400 => attempt.Failure(FailureReason.Refused, fact + Where(response)),
            401 or 403 or 407 => attempt.Failure(
                FailureReason.Refused, fact + WhatIsWanted(attempt, response)),
            _ => attempt.Failure(FailureReason.Refused, fact + ", which is no answer to a read"),
        };
    }

    /// <summary>A failure below HTTP, or of HTTP's own framing.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="caught">What the client threw.</param>
    /// <returns>The error.</returns>
    public static BlockIOException OfTransport(HttpTry attempt, Exception caught)
    {
        long received = attempt.Watch.Received;
        string when = received == 0 ? "could not be read" : $"broke off after {received} bytes";
        if (caught is OperationCanceledException)
        {
            return attempt.Failure(
                FailureReason.Unavailable,
                $"{when}: its HttpClient gave up, by its own timeout",
                caught);
        }

        if (caught.InnerException is AuthenticationException tls)
        {
            string why = (tls.InnerException ?? tls).Message.TrimEnd('.');
            return attempt.Failure(FailureReason.Refused, $"is not trusted by TLS: {why}", caught);
        }

        string message = (caught.InnerException ?? caught).Message.TrimEnd('.');
        return attempt.Failure(ReasonOf(caught), $"{when}: {message}", caught);
    }

    private static FailureReason ReasonOf(Exception caught)
    {
        HttpRequestError error = caught switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        bool isOutOfProtocol = caught is InvalidDataException
            || error is HttpRequestError.InvalidResponse
                or HttpRequestError.ConfigurationLimitExceeded;
        return isOutOfProtocol ? FailureReason.Refused : FailureReason.Unavailable;
    }

    private static BlockIOException Later(
        HttpTry attempt, string fact, HttpResponseMessage response, DateTimeOffset now)
    {
        TimeSpan? wait = WaitOf(response.Headers.RetryAfter, now);
        string wish = wait is { } time ? $" and asks to wait {time.TotalSeconds:0} s" : "";
        return attempt.Failure(FailureReason.Unavailable, fact + wish, retryAfter: wait);
    }

    // RFC 9110 section 10.2.3: seconds, or a date, which may lie in the past.
    private static TimeSpan? WaitOf(RetryConditionHeaderValue? field, DateTimeOffset now)
    {
        TimeSpan? wait = field?.Delta ?? (field?.Date - now);
        return wait is not { } time ? null
            : time < TimeSpan.Zero ? TimeSpan.Zero
            : time > LongestRetryAfter ? LongestRetryAfter
            : time;
    }

    private static string WhatIsWanted(HttpTry attempt, HttpResponseMessage response) =>
        attempt.PlaceWithoutCredentials(response) is { } place
            ? $": it redirected to {Shorten(place)}, where the credentials are not sent"
            : ": it wants credentials, or others than it got";

    private static string Where(HttpResponseMessage response)
    {
        if (response.Headers.Location is not { } location)
        {
            return " without saying where to";
        }

        string text = location.IsAbsoluteUri ? WebAddress.Display(location) : PathOf(location);
        text = Shorten(text);
        bool downgrade = location is { IsAbsoluteUri: true, Scheme: "http" }
            && response.RequestMessage?.RequestUri?.Scheme == Uri.UriSchemeHttps;
        return downgrade
            ? $" to {text}: a redirect from https to http is not followed"
            : $" to {text}: a loop, a longer chain than is followed, or a client that follows none";
    }

    private static string Shorten(string text) =>
        text.Length > LongestLocation ? text[..LongestLocation] + "…" : text;

    private static string PathOf(Uri relative)
    {
        string text = relative.OriginalString;
        int end = text.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? text : text[..end];
    }

    // The server's own phrase is not shown: it is hostile input. The names of the platform are.
    private static string Name(HttpStatusCode status) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(int)status}{(Enum.IsDefined(status) ? $" ({status})" : "")}");
}
