using System.Net;
using System.Net.Sockets;

namespace VMSeed.Testing.Servers.Proxies;

/// <summary>A line to a real web server that is as far, as narrow and as ill as a test
/// wishes.</summary>
/// <remarks>
/// <para>It forwards HTTP/1.1 byte by byte, so that what a reader meets is the real server's
/// behaviour, and knows heads from bodies, so that a fault hits exactly what it is meant to hit.
/// Its <see cref="Condition"/> may change at any moment; bodies that are on their way meet the new
/// one with their next bytes.</para>
/// <para>Distance: a request and an answer take half a round trip each, bodies share the line's
/// bandwidth, and each connection has a sender's window that opens as TCP's does. What a loopback
/// cannot delay is the handshake, for the kernel makes it: <see cref="ConnectAsync"/> connects as
/// over the line, and belongs into the client's <c>ConnectCallback</c>.</para>
/// <para>Not modelled: lost packets, and answers without a Content-Length.</para>
/// </remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Random _random;
    private readonly HashSet<ProxyConnection> _connections = [];
    private readonly List<Task> _tasks = [];
    private readonly List<ServedRequest> _requests = [];
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private ProxyCondition _condition;
    private TaskCompletionSource _changed = new();
    private Socket? _listener;
    private long _bytesSent;
    private int _accepted;

    /// <summary>Listens on a free port.</summary>
    /// <param name="server">The web server's root.</param>
    /// <param name="condition">How the line is.</param>
    /// <param name="host">An address of the loopback: mirrors that have one address are one
    /// host.</param>
    /// <param name="seed">Of which bit is flipped, and of jitter.</param>
    public FaultProxy(Uri server, ProxyCondition condition, IPAddress host, int seed)
    {
        Server = server;
        _random = new Random(seed);
        _condition = condition;
        EndPoint = Listen(new IPEndPoint(host, 0));
        Root = new Uri($"http://{EndPoint}/");
    }

    /// <summary>The root at this end of the line.</summary>
    public Uri Root { get; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How the line is now.</summary>
    public ProxyCondition Condition
    {
        get
        {
            lock (_gate)
            {
                return _condition;
            }
        }
        set => Change(value);
    }

    /// <summary>What is wrong now.</summary>
    public ProxyFault Fault
    {
        get => Condition.Fault;
        set => Condition = Condition with { Fault = value };
    }

    /// <summary>Requests that came, in order, also those that were never answered.</summary>
    public IReadOnlyList<ServedRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Bytes of bodies that went to clients.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>The web server's root.</summary>
    internal Uri Server { get; }

    /// <summary>What all connections share.</summary>
    internal SharedLine Line { get; } = new();

    /// <summary>Milliseconds since the proxy was made.</summary>
    internal double Now => TimeProvider.System.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>Connects as over the line: a round trip for the handshake, and never while nothing
    /// is answered.</summary>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">It was refused.</exception>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        await WaitUntilAsync(Now + Condition.RoundTrip.TotalMilliseconds, cancellationToken);
        await WaitWhileAsync(fault => fault == ProxyFault.Unanswered, cancellationToken);
        Socket socket = new(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
        };
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_gate)
        {
            _listener?.Dispose();
            tasks = [.. _tasks];
        }

        await _stop.CancelAsync();
        await Task.WhenAll(tasks);
        _stop.Dispose();
    }

    /// <summary>Takes note of a request.</summary>
    internal void Take(ServedRequest request)
    {
        lock (_gate)
        {
            _requests.Add(request);
        }
    }

    /// <summary>Takes note of bytes of a body that are about to go.</summary>
    internal void Count(int bytes) => Interlocked.Add(ref _bytesSent, bytes);

    /// <summary>Chance, below a bound.</summary>
    internal double Chance(double bound)
    {
        lock (_gate)
        {
            return _random.NextDouble() * bound;
        }
    }

    /// <summary>Waits until a moment.</summary>
    internal Task WaitUntilAsync(double at, CancellationToken cancellationToken) =>
        at - Now is >= 1 and var wait
            ? Task.Delay(TimeSpan.FromMilliseconds(wait), TimeProvider.System, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Waits while the line has certain faults.</summary>
    internal async Task WaitWhileAsync(
        Func<ProxyFault, bool> isFault, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (!isFault(_condition.Fault))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(ProxyCondition condition)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _condition = condition;
            (changed, _changed) = (_changed, new TaskCompletionSource());
            bool isRefused = condition.Fault == ProxyFault.Refused;
            if (isRefused && _listener is not null)
            {
                _listener.Dispose();
                _listener = null;
                Array.ForEach([.. _connections], connection => connection.Reset());
            }
            else if (!isRefused && _listener is null)
            {
                Listen(EndPoint);
            }
        }

        // Not under the lock: those who waited go on at once.
        changed.SetResult();
    }

    private IPEndPoint Listen(IPEndPoint place)
    {
        Socket listener = new(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(place);
        listener.Listen();
        _listener = listener;
        _tasks.Add(AcceptAsync(listener));
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Take(listener, await listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception e) when (ProxyConnection.IsEnd(e))
        {
            // Nobody listens any more.
        }
    }

    private void Take(Socket listener, Socket socket)
    {
        lock (_gate)
        {
            ProxyConnection connection = new(this, socket, ++_accepted);
            if (listener != _listener)
            {
                connection.Reset();
                return;
            }

            _connections.Add(connection);
            _tasks.Add(Task.Run(() => ServeAsync(connection)));
        }
    }

    private async Task ServeAsync(ProxyConnection connection)
    {
        await connection.ServeAsync(_stop.Token);
        lock (_gate)
        {
            _connections.Remove(connection);
        }

        connection.Dispose();
    }
}
