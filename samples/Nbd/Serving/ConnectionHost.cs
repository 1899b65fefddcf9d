using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Replying;

namespace VMSeed.Nbd.Serving;

/// <summary>What all connections of a server share.</summary>
internal sealed class ConnectionHost(
    ExportList exports, NbdServerOptions options, ILogger logger, CancellationToken stopping)
{
    public ExportList Exports => exports;

    public NbdServerOptions Options => options;

    public ILogger Logger => logger;

    public Failures Failures { get; } = new(logger, options.TimeProvider);

    public SslServerAuthenticationOptions? Tls { get; } =
        options.Tls is null ? null : Translate(options.Tls);

    /// <summary>What clients know without a handshake; null where each has one.</summary>
    public Agreement? Agreed { get; init; }

    /// <summary>The server takes no more requests.</summary>
    public CancellationToken Stopping => stopping;

    private static SslServerAuthenticationOptions Translate(NbdTlsOptions tls)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                tls.Certificate, tls.Intermediates, offline: true),
        };
        if (tls.ClientAuthorities.Count > 0)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(tls.ClientAuthorities);
        }

        return options;
    }
}
