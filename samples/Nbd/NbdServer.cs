using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Serving;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd;

/// <summary>Serves exports to NBD clients at one address.</summary>
public sealed class NbdServer : IAsyncDisposable
{
    private readonly ExportList _exports;
    private readonly NbdServerOptions _options;
    private readonly ILogger _logger;
    private readonly Listener _listener;
    private readonly ConnectionGroup _connections;
    private readonly CancellationTokenSource _stopping = new();
    private Task _accepting = Task.CompletedTask;
    private int _disposed;

    private NbdServer(
        ExportList exports, Listener listener, NbdServerOptions options, ILogger logger)
    {
        _exports = exports;
        _listener = listener;
        _options = options;
        _logger = logger;
        _connections = new ConnectionGroup(
            new ConnectionHost(exports, options, logger, _stopping.Token));
    }

    /// <summary>Where the server listens; the port is the one that was given.</summary>
    public EndPoint EndPoint => _listener.EndPoint;

    /// <summary>How many clients are connected.</summary>
    public int Connections => _connections.Count;

    /// <summary>Starts to listen.</summary>
    /// <param name="endPoint">An IP address with a port, 0 for a free one; or the path of a Unix
    /// socket, where a dead server's is replaced and a living one's is refused.</param>
    /// <param name="exports">What is served. A client that names no export gets the one whose name
    /// is empty, or else the first.</param>
    /// <param name="options">How the server behaves.</param>
    /// <param name="logger">Where clients that are hung up on and failures of exports are
    /// told.</param>
    /// <returns>The server, which can be connected to.</returns>
    /// <exception cref="ArgumentException">The options or the names of the exports are not
    /// valid.</exception>
    /// <exception cref="IOException">The address cannot be listened at.</exception>
    public static NbdServer Start(
        EndPoint endPoint,
        IReadOnlyList<NbdExport> exports,
        NbdServerOptions options,
        ILogger logger)
    {
        options.Validate();
        return Start(new ExportList(exports), Listener.Open(endPoint), options, logger);
    }

    /// <summary>Serves at a socket that somebody else has bound and listens at, such as a service
    /// manager's.</summary>
    /// <param name="listening">The socket, which is taken over; of a Unix socket, the path stays
    /// when the server stops.</param>
    /// <param name="exports">What is served. A client that names no export gets the one whose name
    /// is empty, or else the first.</param>
    /// <param name="options">How the server behaves.</param>
    /// <param name="logger">Where clients that are hung up on and failures of exports are
    /// told.</param>
    /// <returns>The server, which can be connected to.</returns>
    /// <exception cref="ArgumentException">The socket does not listen, or the options or the names
    /// of the exports are not valid.</exception>
    public static NbdServer Start(
        Socket listening,
        IReadOnlyList<NbdExport> exports,
        NbdServerOptions options,
        ILogger logger)
    {
        options.Validate();
        return Start(new ExportList(exports), Listener.Of(listening), options, logger);
    }

    /// <summary>Serves one export to a client that is connected already and knows what it gets,
    /// such as the kernel's: no handshake, only requests and simple replies.</summary>
    /// <param name="connections">Connected stream sockets, all of one client, which are taken over.
    /// A Unix socket pair has the other ends for <c>NBD_SET_SOCK</c> or
    /// <c>NBD_ATTR_SOCKETS</c>.</param>
    /// <param name="export">What is served; the client is told its size and
    /// <see cref="NbdAttachment.Flags"/> by the caller.</param>
    /// <param name="options">How the server behaves; without TLS.</param>
    /// <param name="logger">Where broken connections and failures of the export are told.</param>
    /// <returns>The attachment, whose requests are answered from now on.</returns>
    /// <remarks>A client without a handshake cannot be told that the server stops: whoever stops
    /// lets the client disconnect first.</remarks>
    /// <exception cref="ArgumentException">The options are not valid, or the number of connections
    /// is not from 1 to <see cref="NbdServerOptions.MaxConnections"/>; the sockets stay the
    /// caller's.</exception>
    public static NbdAttachment Attach(
        IReadOnlyList<Socket> connections,
        NbdExport export,
        NbdServerOptions options,
        ILogger logger)
    {
        options.Validate();
        if (options.Tls is not null)
        {
            throw new ArgumentException("TLS needs a handshake.", nameof(options));
        }

        if (connections.Count < 1 || connections.Count > options.MaxConnections)
        {
            throw new ArgumentException(
                $"{connections.Count} connections are not from 1 to {options.MaxConnections}.",
                nameof(connections));
        }

        return new NbdAttachment(connections, export, options, logger);
    }

    /// <summary>The address by which a client opens an export.</summary>
    /// <param name="export">The export's name.</param>
    /// <returns>An address after the NBD project's "nbd" and "nbd+unix" schemes.</returns>
    public string AddressOf(string export) =>
        NbdAddress.Format(EndPoint, export, encrypted: _options.Tls is not null);

    /// <summary>Stops: no new client, no new request; what is in flight is answered, for as long as
    /// the options say, and then everybody is hung up on.</summary>
    /// <returns>A task that is done when no export is touched any more.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) { return; }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        if (!await _connections.StopAsync(_options).ConfigureAwait(false))
        {
            _logger.LogWarning(
                "An export has not ended its work within {Timeout}.", _options.StopTimeout);
        }

        _stopping.Dispose();
    }

    private static NbdServer Start(
        ExportList exports, Listener listener, NbdServerOptions options, ILogger logger)
    {
        NbdServer server = new(exports, listener, options, logger);
        server._accepting = server.AcceptAsync();
        return server;
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync(_options.TimeProvider, _stopping.Token)
            .ConfigureAwait(false) is { } socket)
        {
            if (_connections.TryAdd(socket)) { continue; }

            _logger.LogWarning(
                "A client is hung up on: {Most} are connected.", _options.MaxConnections);
            socket.Dispose();
        }
    }
}
