using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VMSeed.Testing.Servers;

/// <summary>A real nginx over a folder, on a free port of the loopback.</summary>
/// <remarks>Its access log has a line a request: connection, status, bytes of the body, range,
/// path. The test is skipped where there is no nginx.</remarks>
public sealed class NginxServer : IAsyncDisposable
{
    /// <summary>nginx is up in 30 ms here; this is for a machine under load.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private readonly TempFolder _home = new();
    private readonly Process _process;
    private bool _isDisposed;

    private NginxServer(string folder, string directives, int port)
    {
        Root = new Uri($"http://127.0.0.1:{port}/");
        string configuration = Configure(folder, directives, port);
        _home.Write("nginx.conf", System.Text.Encoding.UTF8.GetBytes(configuration));
        ProcessStartInfo start = new(Need.Tool("nginx")) { RedirectStandardError = true };
        foreach (string argument in (string[])
            ["-p", _home.Root, "-e", "stderr", "-c", Path.Join(_home.Root, "nginx.conf")])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
    }

    /// <summary>The folder's address.</summary>
    public Uri Root { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="folder">The folder to serve.</param>
    /// <param name="directives">More directives of its configuration's <c>server</c> block.</param>
    public static async Task<NginxServer> StartAsync(string folder, string directives = "")
    {
        // Another process may take the port between its choice and its use.
        for (int tries = 1; ; tries++)
        {
            NginxServer server = new(folder, directives, FreePort());
            if (await server.IsUpAsync())
            {
                return server;
            }

            string errors = await server._process.StandardError.ReadToEndAsync();
            await server.DisposeAsync();
            Xunit.Assert.True(tries < 3, errors);
        }
    }

    /// <summary>The access log's lines: <c>connection status bytes range path</c>.</summary>
    /// <returns>One array of five a request.</returns>
    public async Task<string[][]> ReadLogAsync() =>
        [.. (await File.ReadAllLinesAsync(Path.Join(_home.Root, "access.log")))
            .Select(line => line.Split(' '))];

    /// <inheritdoc/>
    /// <remarks>A test that wants the server gone calls it early; once more does no harm.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _home.Dispose();
    }

    // A single process in the foreground, with every path inside its own folder: no rights, no
    // rest.
    private string Configure(string folder, string directives, int port) => $$"""
        daemon off;
        master_process off;
        pid {{_home.Root}}/pid;
        events { worker_connections 256; }
        http {
            log_format short '$connection $status $body_bytes_sent $http_range $uri';
            access_log {{_home.Root}}/access.log short;
            client_body_temp_path {{_home.Root}}/body;
            proxy_temp_path {{_home.Root}}/proxy;
            fastcgi_temp_path {{_home.Root}}/fastcgi;
            uwsgi_temp_path {{_home.Root}}/uwsgi;
            scgi_temp_path {{_home.Root}}/scgi;
            default_type application/octet-stream;
            keepalive_requests 100000;
            sendfile on;
            server {
                listen 127.0.0.1:{{port}};
                root {{folder}};
                {{directives}}
            }
        }
        """;

    private async Task<bool> IsUpAsync()
    {
        using CancellationTokenSource late = new(StartTimeout);
        while (!_process.HasExited)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, Root.Port, late.Token);
                return true;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, late.Token);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using Socket probe = new(SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
