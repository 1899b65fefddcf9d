using System.Diagnostics;

namespace VMSeed.Gslb.Diagnostics;

/// <summary>The spans of the source <c>VMSeed.Gslb</c>, in one place.</summary>
/// <remarks>A span for each request (<c>vmseed.mirror.fetch</c>) and one below it for each attempt
/// (<c>vmseed.mirror.attempt</c>), which says why its mirror was chosen: the time that was
/// predicted, what that rests on, and what the attempt was for. Null, and nothing allocated, while
/// nobody listens.</remarks>
internal static class MirrorTraces
{
    private static readonly ActivitySource _source = new(MirrorMeter.Name);

    /// <summary>Begins the span of a request.</summary>
    /// <param name="path">What is asked for, below the root.</param>
    /// <param name="length">Bytes that are expected; -1 where that is not known.</param>
    /// <returns>The span; null while nobody listens.</returns>
    public static Activity? BeginFetch(string path, long length)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        Activity? span = _source.StartActivity("vmseed.mirror.fetch", ActivityKind.Internal);
        span?.SetTag("vmseed.path", path);
        return span?.SetTag("vmseed.length", length);
    }

    /// <summary>Begins the span of an attempt.</summary>
    /// <param name="fetch">The span of its request.</param>
    /// <param name="mirror">Who is asked.</param>
    /// <param name="reason">Why now: a choice, a hedge, a retry.</param>
    /// <param name="choice">Why this mirror: best, unmeasured, exploration, probation,
    /// panic.</param>
    /// <param name="predicted">Milliseconds that it should take.</param>
    /// <returns>The span; null while nobody listens.</returns>
    public static Activity? BeginAttempt(
        Activity? fetch, string mirror, string reason, string choice, double predicted)
    {
        if (fetch is null)
        {
            return null;
        }

        Activity? span = _source.StartActivity(
            "vmseed.mirror.attempt", ActivityKind.Client, fetch.Context);
        span?.SetTag("mirror", mirror);
        span?.SetTag("reason", reason);
        span?.SetTag("vmseed.choice", choice);
        return span?.SetTag("vmseed.predicted_ms", predicted);
    }
}
