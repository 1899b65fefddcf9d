namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>The proxy could not be reached: no mirror was asked.</summary>
/// <param name="message">A sentence.</param>
/// <param name="cause">What was thrown on the way to it.</param>
internal sealed class ProxyException(string message, Exception cause)
    : IOException(message, cause);
