using System.Net.Http.Headers;
using VMSeed.Gslb.Transport.Bodies;
using VMSeed.Gslb.Transport.Requests;
using VMSeed.Gslb.Transport.Streaming;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Makes the response of a client's request.</summary>
/// <remarks>
/// Its head is the winner's. Its RequestMessage is the client's own request, with the address that
/// the client gave: what it means to the client (a base for relative addresses, the key of a cache,
/// a promise of https) does not depend on which mirror was quick today. Where the bytes came from
/// is in the request's options, under <c>VMSeed.Mirror</c>.
/// </remarks>
internal static class FetchResponse
{
    /// <summary>Makes a response.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="plan">What was asked for.</param>
    /// <param name="result">What a mirror brought; its content belongs to the response
    /// now.</param>
    /// <returns>The response.</returns>
    public static HttpResponseMessage Make(Fleet fleet, RequestPlan plan, FetchResult result)
    {
        HttpResponseMessage response = result.Response;
        if (result.Server is { } server)
        {
            plan.Source.Options.Set(MirrorKeys.Mirror, server);
        }

        if (result.Body is { } body)
        {
            HttpContent came = response.Content;
            response.Content = WithFields(new PooledContent(body), came.Headers);
            came.Dispose();
        }
        else if (result.Stream is not null)
        {
            MakeStream(fleet, plan, result);
        }

        response.RequestMessage = plan.Source;
        return response;
    }

    private static void MakeStream(Fleet fleet, RequestPlan plan, FetchResult result)
    {
        HttpResponseMessage response = result.Response;
        bool isBound = fleet.IsImmutable || plan.Source.Options.TryGetValue(MirrorKeys.Root, out _);

        // The connection is held by the content that came, in a message of its own.
        HttpResponseMessage holder = new(response.StatusCode)
        {
            Content = response.Content,
            RequestMessage = response.RequestMessage,
        };
        foreach (KeyValuePair<string, HeaderStringValues> field in response.Headers.NonValidated)
        {
            holder.Headers.TryAddWithoutValidation(field.Key, field.Value);
        }

        ResumingStream stream = new(fleet, plan, result with { Response = holder }, isBound);
        plan.Source.Options.Set(MirrorKeys.Verdict, stream.Judge);
        response.Content = WithFields(new ResumingContent(stream), holder.Content.Headers);
    }

    private static HttpContent WithFields(HttpContent content, HttpContentHeaders fields)
    {
        foreach (KeyValuePair<string, HeaderStringValues> field in fields.NonValidated)
        {
            if (!field.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                content.Headers.TryAddWithoutValidation(field.Key, field.Value);
            }
        }

        return content;
    }
}
