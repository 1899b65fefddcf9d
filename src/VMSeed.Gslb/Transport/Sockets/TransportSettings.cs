using System.Net;
using System.Net.Security;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>How connections to mirrors are made and kept.</summary>
internal sealed record TransportSettings(AddressRace Race)
{
    /// <summary>The time that all addresses of a name have together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The age at which a connection is not used again.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The version of HTTP that is asked for over TLS.</summary>
    public Version SecureVersion { get; init; } = HttpVersion.Version11;

    /// <summary>Whether a proxy is used.</summary>
    public bool UseProxy { get; init; } = true;

    /// <summary>The proxy; null for the system's.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>What is asked of TLS; null for the platform's way.</summary>
    public SslClientAuthenticationOptions? SslOptions { get; init; }
}
