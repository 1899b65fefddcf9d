using System.Net;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http.Files;

/// <summary>Decides what the first answer says of a file of which nothing is known yet.</summary>
/// <remarks>The first request asks for the first bytes, not for the head alone (HEAD): addresses
/// that are signed for GET refuse the other, servers answer it from other code, and its answer
/// would not tell whether there are ranges.</remarks>
internal static class FileStart
{
    /// <summary>Checks the answer to the request for a file's first bytes.</summary>
    /// <param name="attempt">The request.</param>
    /// <param name="response">Its answer.</param>
    /// <param name="wanted">How many bytes were asked for, from the first.</param>
    /// <param name="options">What is taken from a server without ranges.</param>
    /// <param name="time">Tells how far off a date of Retry-After is.</param>
    /// <returns>The version that it is of.</returns>
    /// <exception cref="BlockIOException">The file cannot be read from this server.</exception>
    public static FileVersion Check(
        HttpTry attempt,
        HttpResponseMessage response,
        int wanted,
        HttpSourceOptions options,
        TimeProvider time)
    {
        // The way that servers tell of an empty file: no range of it can be satisfied.
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            && HttpAnswer.TryGetRange(response.Content.Headers, out ContentRange none)
            && none.Total == 0)
        {
            return FileVersion.Of(response, 0);
        }

        HttpAnswer.CheckStatus(attempt, response, request: null, time);
        HttpAnswer.CheckEncoding(attempt, response);
        long length = response.StatusCode == HttpStatusCode.PartialContent
            ? LengthOfPart(attempt, response, wanted)
            : LengthOfWhole(attempt, response, wanted, options.MaxWholeObject);
        return FileVersion.Of(response, length);
    }

    private static long LengthOfPart(HttpTry attempt, HttpResponseMessage response, int wanted)
    {
        if (!HttpAnswer.TryGetRange(response.Content.Headers, out ContentRange range))
        {
            throw attempt.Failure(
                FailureReason.Refused, "answered 206 without one Content-Range that can be read");
        }

        if (range.Total < 0)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                "does not tell its length (a Content-Range that ends in '*')");
        }

        var request = new ObjectRequest(
            "", 0, (int)Math.Min(wanted, Math.Max(range.Total, 1)), range.Total);
        HttpAnswer.CheckPart(attempt, response.Content.Headers, request);
        return range.Total;
    }

    private static long LengthOfWhole(
        HttpTry attempt, HttpResponseMessage response, int wanted, long maxWhole)
    {
        HttpAnswer.CheckType(attempt, response.Content.Headers);
        if (response.Content.Headers.ContentLength is not { } length)
        {
            throw attempt.Failure(
                FailureReason.Refused,
                "answered a wish for a range with the whole (200), of unknown length");
        }

        return length <= Math.Max(wanted, maxWhole)
            ? length
            : throw attempt.Failure(
                FailureReason.Refused,
                $"has no ranges: it sent all {length} bytes, and more than {maxWhole} are not "
                    + "taken");
    }
}
