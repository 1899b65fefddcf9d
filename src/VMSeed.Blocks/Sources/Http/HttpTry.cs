using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>One request to a web server: what it asks for, how long it may last, how it
/// fails.</summary>
/// <param name="address">The whole address, secrets included.</param>
/// <param name="path">The file in the repository.</param>
/// <param name="watch">Ends it when it makes no progress.</param>
internal sealed class HttpTry(WebAddress address, string path, ProgressWatch watch) : IDisposable
{
    /// <summary>Ends the request when it makes no progress.</summary>
    public ProgressWatch Watch => watch;

    /// <summary>Whether the repository is asked for over TLS.</summary>
    public bool IsSecure => address.IsSecure;

    /// <summary>Sends the request, up to the end of the answer's head.</summary>
    /// <param name="client">Sends it.</param>
    /// <param name="message">The request.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The answer.</returns>
    public async ValueTask<HttpResponseMessage> SendAsync(
        HttpClient client, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        message.Options.Set(HttpSourceKeys.Progress, watch.Announce);
        using CancellationTokenRegistration caller = watch.BeginWait(cancellationToken);
        try
        {
            return await client
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, watch.Token)
                .ConfigureAwait(false);
        }
        finally
        {
            watch.EndWait();
        }
    }

    /// <summary>Where a redirect has led that the credentials were not sent along.</summary>
    /// <param name="response">The answer.</param>
    /// <returns>The address without secrets; null where there was no redirect, or nothing to send
    /// along.</returns>
    public string? PlaceWithoutCredentials(HttpResponseMessage response) =>
        address.HasCredentials
        && response.RequestMessage?.RequestUri is { } place
        && WebAddress.Display(place) is var shown
        && shown != address.Display(path)
            ? shown
            : null;

    /// <summary>Makes the error that ends the request.</summary>
    /// <param name="reason">Missing, corrupt, unavailable or refused.</param>
    /// <param name="fact">What happened, as the rest of a sentence that begins with the
    /// address.</param>
    /// <param name="inner">What was caught, where something was.</param>
    /// <param name="retryAfter">How long the server wishes to be left alone.</param>
    /// <returns>The error.</returns>
    public BlockIOException Failure(
        FailureReason reason, string fact, Exception? inner = null, TimeSpan? retryAfter = null) =>
        new(reason, $"{address.Display(path)} {fact}.", inner)
        {
            ObjectName = path,
            RetryAfter = retryAfter,
        };

    /// <summary>Makes the error for a page where a file was asked for.</summary>
    /// <param name="type">The page's media type.</param>
    /// <returns>The error; a retry may help, once the user has logged in.</returns>
    public BlockIOException PortalFailure(string type) =>
        new(
            FailureReason.Refused,
            $"{address.Display(path)} answered 200 with {type}: it looks like the page of a "
                + "captive portal, or an error page, and not like the file.")
        {
            ObjectName = path,
            CanRetry = true,
        };

    /// <summary>Makes the error for a file that is not the one that was opened.</summary>
    /// <param name="fact">How that is known.</param>
    /// <param name="canRetry">Whether another answer may still come from elsewhere.</param>
    /// <returns>The error.</returns>
    public BlockIOException ChangeFailure(string fact, bool canRetry) =>
        new(FailureReason.Corrupt, $"{address.Display(path)} {fact}. It must be opened again.")
        {
            ObjectName = path,
            CanRetry = canRetry,
        };

    /// <summary>Turns what was thrown below into what a reader may see.</summary>
    /// <param name="caught">What was thrown.</param>
    /// <param name="cancellationToken">The caller's: its cancellation stays a cancellation.</param>
    /// <returns>What to throw.</returns>
    public Exception Translate(Exception caught, CancellationToken cancellationToken)
    {
        if (caught is BlockIOException)
        {
            return caught;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException(caught.Message, caught, cancellationToken);
        }

        return watch.HasFired
            ? Failure(FailureReason.Unavailable, watch.Describe(), caught)
            : HttpFailures.OfTransport(this, caught);
    }

    /// <inheritdoc/>
    public void Dispose() => watch.Dispose();
}
