using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Sockets;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What a network may throw.</summary>
internal static class TransportFaults
{
    /// <summary>Whether an error is the network's or the server's, not a mistake of ours.</summary>
    /// <param name="thrown">The error.</param>
    /// <returns>True when it is.</returns>
    public static bool IsOne(Exception thrown) =>
        thrown is HttpRequestException or IOException or OperationCanceledException
            or SocketException or AuthenticationException or ObjectDisposedException
            or UriFormatException;

    /// <summary>Whom an error belongs to.</summary>
    /// <param name="thrown">The error.</param>
    /// <returns>The mirror, or the proxy before it: one that was not reached, or that refused to
    /// make a tunnel. What a proxy says of a mirror that it did not reach is the mirror's
    /// affair.</returns>
    public static AttemptOutcome OutcomeOf(Exception thrown)
    {
        for (Exception? cause = thrown; cause is not null; cause = cause.InnerException)
        {
            if (cause is ProxyException || IsRefusedTunnel(cause))
            {
                return AttemptOutcome.Proxied;
            }
        }

        return AttemptOutcome.Broken;
    }

    /// <summary>Says what happened.</summary>
    /// <param name="thrown">The error.</param>
    /// <returns>The end of a sentence that begins with the mirror.</returns>
    public static string Describe(Exception thrown)
    {
        Exception cause = thrown;
        while (cause is not (SocketException or ProxyException)
            && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return thrown is OperationCanceledException && cause is not TimeoutException
            ? "was given up"
            : $"failed: {cause.Message.TrimEnd('.')}";
    }

    private static bool IsRefusedTunnel(Exception fault) =>
        fault is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } tunnel
        && tunnel.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout);
}
