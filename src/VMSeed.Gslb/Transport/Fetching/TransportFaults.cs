using System.Net.Sockets;
using System.Security.Authentication;

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

    /// <summary>Says what happened.</summary>
    /// <param name="thrown">The error.</param>
    /// <returns>The end of a sentence that begins with the mirror.</returns>
    public static string Describe(Exception thrown)
    {
        Exception cause = thrown;
        while (cause.InnerException is { } inner && cause is not SocketException)
        {
            cause = inner;
        }

        return thrown is OperationCanceledException && cause is not TimeoutException
            ? "was given up"
            : $"failed: {cause.Message.TrimEnd('.')}";
    }
}
