using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Transport.Fetching;
using VMSeed.Gslb.Transport.Requests;
using VMSeed.Gslb.Transport.Sockets;

namespace VMSeed.Gslb;

/// <summary>Sends each request of an HttpClient to the mirror that is best for it now, hedges what
/// is late, goes on where a body stalls, and puts out of use what serves wrong bytes.</summary>
/// <remarks>
/// <para>A GET or HEAD below the root (of the options, or of the request's key
/// <c>VMSeed.Root</c>) is asked for below a mirror's root. Everything else is sent on as it
/// is.</para>
/// <para>A body of at most 1 MiB is fetched and checked whole before the response is returned, by
/// several attempts where it must be; a longer one is a stream that goes on at another mirror.
/// Answers are asked for without content coding. The query of a request, its Authorization and its
/// cookies go to the server alone that it is addressed to; other fields go to every
/// mirror.</para>
/// <para>The response's <see cref="HttpResponseMessage.RequestMessage"/> is the request that was
/// given, with its address; the address that the bytes came from is in its options, under the key
/// <c>VMSeed.Mirror</c>.</para>
/// <para>When no mirror has it the response says so (404); when all wish to be left alone it says
/// until when (503 with Retry-After); else an <see cref="HttpRequestException"/> names each mirror
/// and what it did. HttpClient.Timeout bounds the whole; it needs none, for a fetch ends by
/// itself.</para>
/// <para>Keep one handler for as long as the program runs: it holds what is known of the mirrors,
/// and the connections to them.</para>
/// </remarks>
public sealed class MirrorHandler : HttpMessageHandler
{
    private readonly FetchTools _tools;
    private readonly MirrorFleets _fleets;
    private readonly HttpMessageInvoker _plain;
    private bool _isDisposed;

    /// <summary>Makes a handler.</summary>
    /// <param name="options">The mirrors, and how to connect; null: each request names its
    /// own.</param>
    /// <param name="logger">Hears of mirrors that are put out of use; null: nobody.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="ArgumentException">Values are out of their limits; the message names them
    /// all.</exception>
    public MirrorHandler(
        MirrorHandlerOptions? options = null,
        ILogger<MirrorHandler>? logger = null,
        TimeProvider? time = null)
        : this(
            options ?? new MirrorHandlerOptions(),
            (ILogger?)logger ?? NullLogger.Instance,
            time ?? TimeProvider.System,
            AddressRace.OfSystem(time ?? TimeProvider.System))
    {
    }

    /// <summary>Makes a handler that connects in its own way.</summary>
    internal MirrorHandler(
        MirrorHandlerOptions options, ILogger logger, TimeProvider time, AddressRace race)
    {
        options.Validate();
        TransportSettings settings = new(race)
        {
            ConnectTimeout = options.ConnectTimeout,
            ConnectionLifetime = options.ConnectionLifetime,
            SecureVersion = options.SecureVersion,
            UseProxy = options.UseProxy,
            Proxy = options.Proxy,
            SslOptions = options.SslOptions,
        };
        _tools = new FetchTools(time, new MirrorLog(logger));
        _fleets = new MirrorFleets(options, _tools, settings);
        SocketsHttpHandler plain = MirrorSockets.Create(settings);
        plain.AllowAutoRedirect = true;
        plain.MaxAutomaticRedirections = Redirect.Most;
        _plain = new HttpMessageInvoker(plain);
    }

    /// <summary>What all fetches share; for tests, which count what is held.</summary>
    internal FetchTools Tools => _tools;

    /// <summary>The selector of a repository.</summary>
    /// <param name="root">Its root, as its requests are addressed.</param>
    /// <returns>Null before the first request for it.</returns>
    public MirrorSelector? FindSelector(Uri root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return _fleets.SelectorOf(root);
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _fleets.Find(request, out RequestPlan? plan) is { } fleet
            ? FetchAsync(fleet, plan!, cancellationToken)
            : _plain.SendAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Blocks a thread until the asynchronous way has an answer.</remarks>
    protected override HttpResponseMessage Send(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _tools.Stop.Cancel();
            _fleets.Dispose();
            _plain.Dispose();
            _tools.Stop.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> FetchAsync(
        Fleet fleet, RequestPlan plan, CancellationToken cancellationToken)
    {
        long began = _tools.Time.GetTimestamp();
        using Activity? span = MirrorTraces.BeginFetch(plan.Path, plan.Wish.Length);
        using FetchDriver driver = new(fleet, plan, default, span);
        FetchResult? result = await driver.RunAsync(cancellationToken).ConfigureAwait(false);
        MirrorMeter.Requests.Add(1);
        MirrorMeter.Duration.Record(_tools.Time.GetElapsedTime(began).TotalSeconds);
        if (result is not null)
        {
            return FetchResponse.Make(fleet, plan, result);
        }

        HttpResponseMessage answer = FetchFailure.TryAnswer(driver)
            ?? throw FetchFailure.ToException(driver);
        answer.RequestMessage = plan.Source;
        return answer;
    }
}
