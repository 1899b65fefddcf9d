using System.Net;

namespace VMSeed.Blocks.Sources.Http;

/// <summary>The HttpClient of a disk that was given none.</summary>
internal static class DefaultHttpClient
{
    /// <summary>Connections to one server. Four to eight requests in flight fill a link; the rest
    /// is room for a reader beside them. HTTP/1.1 over several connections beats one HTTP/2
    /// connection, whose window all requests share, by two to four times in measurements of
    /// others.</summary>
    public const int ConnectionsPerServer = 12;

    /// <summary>Redirects of one request: a mirror network needs one or two; a chain of more is a
    /// loop.</summary>
    public const int MostRedirects = 5;

    /// <summary>KiB of an answer's head: real ones have less than 4; the platform's 64 is room for
    /// hostility.</summary>
    private const int MostHeadKibibytes = 16;

    /// <summary>A connection to a server in another continent takes less than 1 s; after this the
    /// time is better spent on another try.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The age at which a connection is not used again, so that a change of the name
    /// service is seen. Shorter costs handshakes for nothing.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes the client.</summary>
    /// <returns>A client without a timeout of its own: the source has a better one.</returns>
    public static HttpClient Create()
    {
        HttpClient client = new(CreateHandler())
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("VMSeed");
        return client;
    }

    /// <summary>Makes the handler at the client's bottom.</summary>
    /// <returns>The handler.</returns>
    public static SocketsHttpHandler CreateHandler() =>
        new()
        {
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = MostRedirects,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            MaxConnectionsPerServer = ConnectionsPerServer,
            MaxResponseHeadersLength = MostHeadKibibytes,
            EnableMultipleHttp2Connections = true,
        };
}
