using System.Net;
using System.Net.Sockets;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>Makes the handlers at the bottom.</summary>
internal static class MirrorSockets
{
    /// <summary>Called when a request's connection is ready; the request's own.</summary>
    public static readonly HttpRequestOptionsKey<Action> Connected =
        new("VMSeed.Gslb.Connected");

    // An attempt that was overtaken is cut off, not read to its end: what is left of a body is
    // mostly more than a new connection costs. A short error page is drained, and its connection
    // kept.
    private const int MostDrained = 16 * 1024;

    // KiB of an answer's head: real ones have less than 4.
    private const int MostHeadKibibytes = 16;

    // The platform's 64 KiB bounds a stream to 64 KiB a round trip until it has grown.
    private const int StreamWindow = 1 << 20;

    /// <summary>Makes a handler.</summary>
    /// <param name="settings">How connections are made.</param>
    /// <returns>The handler, which follows no redirect.</returns>
    public static SocketsHttpHandler Create(TransportSettings settings)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = settings.ConnectTimeout,
            PooledConnectionLifetime = settings.ConnectionLifetime,
            MaxResponseDrainSize = MostDrained,
            MaxResponseHeadersLength = MostHeadKibibytes,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindow,
            UseProxy = settings.UseProxy,
            Proxy = settings.Proxy,
            ConnectCallback = (context, cancellationToken) =>
                ConnectAsync(settings.Race, context, cancellationToken),
            PlaintextStreamFilter = static (context, _) =>
            {
                Tell(context.InitialRequestMessage);
                return ValueTask.FromResult(context.PlaintextStream);
            },
        };
        if (settings.SslOptions is { } ssl)
        {
            handler.SslOptions = ssl;
        }

        return handler;
    }

    // Told twice over TLS: after the first round trip, and again after the handshake.
    private static async ValueTask<Stream> ConnectAsync(
        AddressRace race,
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken)
    {
        DnsEndPoint place = context.DnsEndPoint;
        try
        {
            Stream stream = await race
                .ConnectAsync(place.Host, place.Port, cancellationToken)
                .ConfigureAwait(false);
            Tell(context.InitialRequestMessage);
            return stream;
        }
        catch (SocketException e) when (!IsOf(context.InitialRequestMessage.RequestUri, place))
        {
            throw new ProxyException(
                $"The proxy {place.Host}:{place.Port} was not reached: {e.Message.TrimEnd('.')}.",
                e);
        }
    }

    // What is connected to is the mirror itself, or the proxy before it.
    private static bool IsOf(Uri? address, DnsEndPoint place) =>
        address is null || (address.IdnHost == place.Host && address.Port == place.Port);

    private static void Tell(HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(Connected, out Action? connected))
        {
            connected();
        }
    }
}
