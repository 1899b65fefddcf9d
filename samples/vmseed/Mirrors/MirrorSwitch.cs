using VMSeed.Gslb;

namespace VMSeed.Tool.Mirrors;

/// <summary>Sends requests to mirrors once more than one is known, and before to their own server
/// as if there were no mirrors.</summary>
/// <param name="mirrors">Takes over; disposed of with this.</param>
/// <param name="hasOwn">Whether the user has named mirrors, so that no head is waited for.</param>
internal sealed class MirrorSwitch(MirrorHandler mirrors, bool hasOwn) : HttpMessageHandler
{
    // The contract between disks and handlers: VMSeed.Blocks sets it when the signed head names
    // mirrors.
    private static readonly HttpRequestOptionsKey<IReadOnlyList<Uri>> _key =
        new("VMSeed.Mirrors");

    private readonly HttpMessageInvoker _mirrors = new(mirrors);

    private readonly HttpMessageInvoker _plain = new(new SocketsHttpHandler
    {
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        MaxAutomaticRedirections = 5,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxConnectionsPerServer = 12,
        MaxResponseHeadersLength = 16,
        EnableMultipleHttp2Connections = true,
    });

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        (hasOwn || request.Options.TryGetValue(_key, out _) ? _mirrors : _plain)
            .SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _mirrors.Dispose();
            _plain.Dispose();
        }

        base.Dispose(disposing);
    }
}
