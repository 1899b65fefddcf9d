using System.Security.Cryptography.X509Certificates;

namespace VMSeed.Nbd;

/// <summary>How connections are encrypted, and by what clients are known.</summary>
public sealed class NbdTlsOptions
{
    /// <summary>The server's certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>What stands between the certificate and an authority that clients know.</summary>
    /// <value>By default nothing.</value>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>The authorities of clients. With any, only a client that has a certificate of one
    /// of them is let in.</summary>
    /// <value>By default none: every client is let in.</value>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>Whether a client must encrypt; otherwise it may.</summary>
    /// <value>By default true.</value>
    public bool Required { get; init; } = true;
}
