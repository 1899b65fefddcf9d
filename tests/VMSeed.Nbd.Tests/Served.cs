using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VMSeed.Blocks;
using VMSeed.Testing;

namespace VMSeed.Nbd.Tests;

/// <summary>A server of the test's own, at a Unix socket in a folder of its own.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly NbdServer _server;

    private Served(
        Func<string, EndPoint> where,
        NbdExport[] exports,
        NbdServerOptions? options,
        ILogger? logger) =>
        _server = NbdServer.Start(
            where(Socket), exports, options ?? new(), logger ?? NullLogger.Instance);

    public NbdServer Server => _server;

    public string Socket => _folder["nbd.sock"];

    /// <summary>What clients take for the first export.</summary>
    public string Uri => _server.AddressOf(string.Empty);

    public string this[string name] => _folder[name];

    /// <summary>Serves one device, as the default export.</summary>
    public static Served Start(
        BlockDevice device, NbdServerOptions? options = null, ILogger? logger = null) =>
        Start([new BlockDeviceExport(string.Empty, device)], options, logger);

    public static Served Start(
        NbdExport[] exports, NbdServerOptions? options = null, ILogger? logger = null) =>
        new(path => new UnixDomainSocketEndPoint(path), exports, options, logger);

    public static Served StartTcp(NbdExport[] exports, NbdServerOptions? options = null) =>
        new(_ => new IPEndPoint(IPAddress.Loopback, 0), exports, options, null);

    public string Write(string name, ReadOnlySpan<byte> content) => _folder.Write(name, content);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
