using System.Net;
using System.Runtime.CompilerServices;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Sockets;

/// <summary>The connections to one mirror.</summary>
internal sealed class MirrorTransport : IDisposable
{
    private readonly TransportSettings _settings;
    private readonly bool _isOrigin;
    private readonly string _base;
    private readonly string _query;
    private readonly HttpMessageInvoker _kept;
    private readonly Lazy<HttpMessageInvoker> _fresh;

    /// <summary>Makes the transport; nothing is connected.</summary>
    /// <param name="mirror">The mirror.</param>
    /// <param name="isOrigin">Whether requests go to it as they were addressed: with their query,
    /// and with credentials.</param>
    /// <param name="settings">How connections are made.</param>
    public MirrorTransport(Mirror mirror, bool isOrigin, TransportSettings settings)
    {
        _settings = settings;
        _isOrigin = isOrigin;
        Address = mirror.Address;
        Name = Address.GetLeftPart(UriPartial.Path);
        _base = Name.EndsWith('/') ? Name : Name + '/';
        _query = Address.Query;
        _kept = new HttpMessageInvoker(MirrorSockets.Create(settings));
        _fresh = new Lazy<HttpMessageInvoker>(() => new HttpMessageInvoker(
            MirrorSockets.Create(settings with { ConnectionLifetime = TimeSpan.Zero })));
    }

    /// <summary>The mirror's root.</summary>
    public Uri Address { get; }

    /// <summary>The mirror's root as messages show it: without a query, which may be a
    /// secret.</summary>
    public string Name { get; }

    /// <summary>Asks the mirror, up to the end of the answer's head.</summary>
    /// <param name="plan">For what.</param>
    /// <param name="connected">Called when a connection had to be made, and is ready.</param>
    /// <param name="isPastCaches">Whether caches on the way are to be passed over, on a new
    /// connection.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The answer of the last server, whose address its request has.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> SendAsync(
        RequestPlan plan, Action connected, bool isPastCaches, CancellationToken cancellationToken)
    {
        Uri address = _isOrigin
            ? plan.Source.RequestUri!
            : new Uri(string.Concat(_base, plan.Path, _query));
        for (int redirects = 0; ; redirects++)
        {
            HttpRequestMessage message = Ask(plan, address, connected, isPastCaches);
            HttpResponseMessage response = await (isPastCaches ? _fresh.Value : _kept)
                .SendAsync(message, cancellationToken)
                .ConfigureAwait(false);
            response.RequestMessage = message;
            if (redirects == Redirect.Most || Redirect.Follow(address, response) is not { } next)
            {
                return response;
            }

            response.Dispose();
            address = next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.Dispose();
        if (_fresh.IsValueCreated)
        {
            _fresh.Value.Dispose();
        }
    }

    private HttpRequestMessage Ask(
        RequestPlan plan, Uri address, Action connected, bool isPastCaches)
    {
        bool isSecure = address.Scheme == Uri.UriSchemeHttps;
        HttpRequestMessage message = new(plan.Source.Method, address)
        {
            Version = isSecure ? _settings.SecureVersion : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        bool isTrusted = Redirect.IsSameServer(address, plan.Source.RequestUri!);
        RequestFields.Copy(plan, message, isTrusted, isPastCaches);
        message.Options.Set(MirrorSockets.Connected, connected);
        return message;
    }
}
