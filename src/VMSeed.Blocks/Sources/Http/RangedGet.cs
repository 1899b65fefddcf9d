using System.Net;
using Microsoft.Extensions.Logging;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>Asks a web server for ranges, one try a call.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="address">Where they go.</param>
/// <param name="options">What they may cost.</param>
/// <param name="time">Measures it.</param>
/// <param name="logger">Hears of a server without ranges, once.</param>
internal sealed class RangedGet(
    HttpClient client,
    WebAddress address,
    HttpSourceOptions options,
    TimeProvider time,
    ILogger logger)
{
    private int _hasWarned;

    /// <summary>Begins a try.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The try, to be disposed of.</returns>
    public HttpTry Begin(string path) => new(address, path, new ProgressWatch(options, time));

    /// <summary>Asks for a range.</summary>
    /// <param name="attempt">The try; disposed of with the body, or by the error.</param>
    /// <param name="request">What to ask for.</param>
    /// <param name="condition">Adds fields to the request; null adds none.</param>
    /// <param name="check">Says which part of the answer's body was asked for, or throws.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>The body.</returns>
    /// <exception cref="Primitives.BlockIOException">Every failure but cancellation.</exception>
    public async ValueTask<HttpObjectBody> OpenAsync(
        HttpTry attempt,
        ObjectRequest request,
        Action<HttpRequestMessage>? condition,
        Func<HttpResponseMessage, BodyPart> check,
        CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = Ask(request);
        condition?.Invoke(message);
        HttpResponseMessage? response = null;
        try
        {
            response = await attempt.SendAsync(client, message, cancellationToken)
                .ConfigureAwait(false);
            BodyPart part = check(response);
            bool isWhole = response.StatusCode == HttpStatusCode.OK;
            WarnOfMissingRanges(isWhole && response.Content.Headers.ContentLength > part.Length);
            Stream body = await response.Content.ReadAsStreamAsync(attempt.Watch.Token)
                .ConfigureAwait(false);
            message.Options.TryGetValue(HttpSourceKeys.Verdict, out Action<long, bool>? verdict);
            return new HttpObjectBody(
                new HttpBodyReader(attempt, response, body),
                part.Skip,
                part.Length,
                isWhole,
                verdict);
        }
        catch (Exception e)
        {
            response?.Dispose();
            attempt.Dispose();
            throw attempt.Translate(e, cancellationToken);
        }
    }

    private HttpRequestMessage Ask(in ObjectRequest request)
    {
        HttpRequestMessage message = address.Ask(client, request.Path, request.PastCaches);
        message.Headers.TryAddWithoutValidation(
            "Range", $"bytes={request.Offset}-{request.Offset + request.Length - 1}");
        if (request.Purpose == ReadPurpose.Prefetch)
        {
            message.Options.Set(HttpSourceKeys.Prefetch, true);
        }

        if (request.IsWanted is not null)
        {
            message.Options.Set(HttpSourceKeys.Wanted, request.IsWanted);
        }

        if (request.Check is not null)
        {
            message.Options.Set(HttpSourceKeys.Check, request.Check);
        }

        return message;
    }

    private void WarnOfMissingRanges(bool areMissing)
    {
        if (areMissing && Interlocked.Exchange(ref _hasWarned, 1) == 0)
        {
            logger.LogWarning(
                "The server of {Repository} has no ranges: each read downloads a whole object.",
                address);
        }
    }
}
