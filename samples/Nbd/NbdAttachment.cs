using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Serving;

namespace VMSeed.Nbd;

/// <summary>An export that is served on sockets which were connected by other means: see
/// <see cref="NbdServer.Attach"/>.</summary>
public sealed class NbdAttachment : IAsyncDisposable
{
    private readonly NbdServerOptions _options;
    private readonly ILogger _logger;
    private readonly ConnectionGroup _connections;
    private readonly CancellationTokenSource _stopping = new();
    private int _disposed;

    internal NbdAttachment(
        IReadOnlyList<Socket> connections,
        NbdExport export,
        NbdServerOptions options,
        ILogger logger)
    {
        (_options, _logger) = (options, logger);
        Agreement agreement = new(export, export.Length, Structured: false, Contexts: []);
        Length = agreement.Length;
        Flags = (int)ExportList.FlagsOf(export, structured: false);
        _connections = new ConnectionGroup(new ConnectionHost(
            new ExportList([export]), options, logger, _stopping.Token)
        {
            Agreed = agreement,
        });
        foreach (Socket connection in connections)
        {
            _ = _connections.TryAdd(connection); // The caller has seen that they are not too many.
        }

        Completion = _connections.WhenEmptyAsync();
    }

    /// <summary>The size in bytes that the client is to be told, and is held to.</summary>
    public long Length { get; }

    /// <summary>The transmission flags that the client is to be told, as
    /// <c>NBD_SET_FLAGS</c> and <c>NBD_ATTR_SERVER_FLAGS</c> take them.</summary>
    public int Flags { get; }

    /// <summary>Done when the last connection has ended, whoever has ended it, and all its requests
    /// have been answered or given up.</summary>
    public Task Completion { get; }

    /// <summary>Stops: no new request; what is in flight is answered, for as long as the options
    /// say, and then the connections are closed.</summary>
    /// <returns>A task that is done when the export is not touched any more.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) { return; }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (!await _connections.StopAsync(_options).ConfigureAwait(false))
        {
            _logger.LogWarning(
                "The export has not ended its work within {Timeout}.", _options.StopTimeout);
        }

        _stopping.Dispose();
    }
}
