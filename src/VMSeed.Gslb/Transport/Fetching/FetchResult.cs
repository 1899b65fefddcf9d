using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Bodies;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What an attempt brought: the head of an answer, and its body in memory, as a stream, or
/// none.</summary>
/// <param name="Site">Whose it is.</param>
/// <param name="Response">The answer as it came.</param>
/// <param name="Answer">What its head says.</param>
/// <param name="Body">The body, checked; null for a stream or none.</param>
/// <param name="Stream">The body, as it comes; null for one in memory or none.</param>
internal sealed record FetchResult(
    Site Site, HttpResponseMessage Response, Answer Answer, PooledBody? Body, Stream? Stream)
    : IDisposable
{
    /// <summary>Where it came from, redirects followed.</summary>
    public Uri? Server => Response.RequestMessage?.RequestUri;

    /// <inheritdoc/>
    public void Dispose()
    {
        Body?.Dispose();
        Response.Dispose();
    }
}
