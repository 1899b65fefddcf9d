using System.Collections.Concurrent;
using System.IO.Enumeration;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace VMSeed.Testing.Servers;

/// <summary>A web server over a folder that misbehaves on order, and counts what it was
/// asked.</summary>
/// <remarks>
/// <para>It speaks HTTP/1.1 on raw sockets, because a real server is too polite to send a wrong
/// length, half a chunk or a reset. Without orders it is a good server: ranges, keep-alive, 404 and
/// 416.</para>
/// <para>Orders name files by patterns with <c>*</c> and <c>?</c>, against the path without its
/// leading slash (<c>objects/*</c>, <c>*.vmseed</c>, <c>*</c>), and ways to answer from
/// <see cref="Fault"/>:</para>
/// <list type="bullet">
/// <item><see cref="Next(string, Fault[])"/>: for one request each, in the order given; they come
/// before</item>
/// <item><see cref="Always"/>: for every request until it is set again; <see cref="Fault.None"/>
/// ends it, the order given last wins.</item>
/// </list>
/// <para><see cref="Requests"/>, <see cref="Connections"/> and <see cref="BytesSent"/> tell what
/// happened since the start or the last <see cref="Forget"/>. Any number of requests may run at
/// once. Files are read from the folder at each request, so a test may change them in
/// between.</para>
/// <code>
/// await using FaultServer server = new(folder.Root);
/// server.Next("objects/*", Fault.Status(503, "Retry-After: 1"), Fault.StallAfter(100));
/// … read through server.Root …
/// Assert.Equal(3, server.Requests.Count);
/// </code>
/// </remarks>
public sealed class FaultServer : IAsyncDisposable
{
    /// <summary>A request's head beyond this is a fault of the client, and ends its
    /// connection.</summary>
    private const int LongestHead = 16 * 1024;

    private readonly string _folder;
    private readonly X509Certificate2? _certificate;
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly Lock _lock = new();
    private readonly List<(string Pattern, Fault Fault)> _next = [];
    private readonly List<(string Pattern, Fault Fault)> _always = [];
    private readonly List<ServedRequest> _requests = [];
    private int _connections;
    private long _bytesSent;

    /// <summary>Starts on a free port of the loopback.</summary>
    /// <param name="folder">The folder to serve.</param>
    /// <param name="certificate">What to speak TLS with; null speaks plain HTTP.</param>
    public FaultServer(string folder, X509Certificate2? certificate = null)
    {
        _folder = folder;
        _certificate = certificate;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        int port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Root = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{port}/");
        _tasks.Add(AcceptAsync());
    }

    /// <summary>The folder's address.</summary>
    public Uri Root { get; }

    /// <summary>Fields of every answer that brings bytes (200 and 206), such as an ETag.</summary>
    public IReadOnlyList<string> Fields { get; set; } = [];

    /// <summary>Connections accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Bytes handed to sockets, heads included.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>The requests, in order of arrival.</summary>
    public IReadOnlyList<ServedRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Orders answers for one request each.</summary>
    public void Next(string pattern, params Fault[] faults)
    {
        lock (_lock)
        {
            _next.AddRange(faults.Select(fault => (pattern, fault)));
        }
    }

    /// <summary>Orders the answer to every request.</summary>
    public void Always(string pattern, Fault fault)
    {
        lock (_lock)
        {
            _always.Insert(0, (pattern, fault));
        }
    }

    /// <summary>Sets the counters to zero; orders and connections stay.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _requests.Clear();
        }

        Volatile.Write(ref _connections, 0);
        Interlocked.Exchange(ref _bytesSent, 0);
    }

    /// <inheritdoc/>
    /// <remarks>A test that wants the server gone calls it early; once more does no harm.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (_listener.SafeHandle.IsClosed)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Dispose();
        await Task.WhenAll(_tasks);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        await IgnoreEndAsync(async () =>
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                int number = Interlocked.Increment(ref _connections);
                _tasks.Add(IgnoreEndAsync(() => ServeAsync(socket, number)));
            }
        });
    }

    private async Task ServeAsync(Socket socket, int number)
    {
        await Task.Yield();
        using Socket owned = socket;
        await using Stream wire = await OpenWireAsync(socket);
        while (await ReadHeadAsync(wire) is { } head)
        {
            ServedRequest request = ServedRequest.Parse(head, number);
            Fault fault = Take(request);
            byte[]? file = await ReadFileAsync(request.Path);
            FaultExchange exchange = new(
                request, file, wire, socket, n => Interlocked.Add(ref _bytesSent, n), _stop.Token)
            {
                Fields = Fields,
            };
            await fault.AnswerAsync(exchange);
            if (exchange.Close)
            {
                return;
            }
        }
    }

    private async Task<Stream> OpenWireAsync(Socket socket)
    {
        NetworkStream plain = new(socket);
        if (_certificate is null)
        {
            return plain;
        }

        SslStream secure = new(plain);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return secure;
    }

    // Clients of these tests never send a second request before the first is answered.
    private async Task<string?> ReadHeadAsync(Stream wire)
    {
        byte[] head = new byte[LongestHead];
        int filled = 0;
        while (filled < head.Length && !head.AsSpan(0, filled).EndsWith("\r\n\r\n"u8))
        {
            int count = await wire.ReadAsync(head.AsMemory(filled), _stop.Token);
            if (count == 0)
            {
                return null;
            }

            filled += count;
        }

        return Encoding.Latin1.GetString(head, 0, filled);
    }

    private Fault Take(ServedRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            int index = _next.FindIndex(order => Matches(order.Pattern));
            if (index >= 0)
            {
                Fault fault = _next[index].Fault;
                _next.RemoveAt(index);
                return fault;
            }

            return _always.Find(order => Matches(order.Pattern)).Fault ?? Fault.None;
        }

        bool Matches(string pattern) =>
            FileSystemName.MatchesSimpleExpression(pattern, request.Path, ignoreCase: false);
    }

    private async Task<byte[]?> ReadFileAsync(string path)
    {
        string full = Path.GetFullPath(Path.Join(_folder, path));
        return full.StartsWith(_folder, StringComparison.Ordinal) && File.Exists(full)
            ? await File.ReadAllBytesAsync(full, _stop.Token)
            : null;
    }

    private static async Task IgnoreEndAsync(Func<Task> serve)
    {
        try
        {
            await serve();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException
            or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // Clients that go away, and the end of the server, end a connection. What else is
            // thrown is a bug of a fault, and fails the test when the server is disposed of.
        }
    }
}
