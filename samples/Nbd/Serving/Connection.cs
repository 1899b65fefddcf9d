using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using VMSeed.Nbd.Negotiation;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Serving;

/// <summary>One client, from its first byte to its last, on a thread of its own.</summary>
#pragma warning disable CA1001 // The thread disposes of the socket; the sources hold nothing.
internal sealed class Connection
#pragma warning restore CA1001
{
    private readonly ConnectionHost _host;
    private readonly Action<Connection> _ended;
    private readonly SocketWire _socket;
    private readonly ReceiveBuffer _input;
    private readonly string _name;
    private readonly CancellationTokenSource _gone = new();
    private readonly CancellationTokenSource _hurry = new();
    private readonly TaskCompletionSource _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Connection(ConnectionHost host, Socket socket, Action<Connection> ended)
    {
        _host = host;
        _ended = ended;
        _name = $"nbd {socket.RemoteEndPoint}";
        _socket = new SocketWire(socket, host.Options.SendTimeout, host.Options.TimeProvider);
        _input = new ReceiveBuffer(_socket);
    }

    /// <summary>Done when the client's last request has been answered, or nobody cares any
    /// more.</summary>
    public Task Completion => _completion.Task;

    public void Start() =>
        new Thread(Run) { IsBackground = true, Name = _name }.Start();

    /// <summary>Takes no more requests; what is in flight is answered.</summary>
    public void StopReceiving() => _socket.StopReceiving();

    /// <summary>Hangs up.</summary>
    public void Abort()
    {
        _gone.Cancel();
        _hurry.Cancel();
        _socket.Abort();
    }

    private void Run()
    {
        try
        {
            Serve();
        }
        catch (NbdProtocolException fault)
        {
            _host.Logger.LogWarning("{Client} is hung up on: {Why}", _name, fault.Message);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException
            or OperationCanceledException or InvalidOperationException)
        {
            _host.Logger.LogDebug("{Client} has gone: {Why}", _name, gone.Message);
        }
        catch (Exception failure)
        {
            _host.Logger.LogError(failure, "{Client} is hung up on by a fault of ours.", _name);
        }
        finally
        {
            _input.Wire.Dispose();
            _ended(this);
            _ = _completion.TrySetResult();
        }
    }

    private void Serve()
    {
        Agreement? agreement = _host.Agreed ?? Negotiate();
        if (agreement is null) { return; }

        _host.Logger.LogDebug("{Client} uses '{Export}'.", _name, agreement.Export.Name);
        Session session = new(
            _input,
            agreement,
            _host.Options,
            _host.Failures,
            _name,
            _host.Stopping,
            _gone.Token);
        bool polite = false;
        try
        {
            polite = session.Run();
        }
        finally
        {
            // Reads of a client that has vanished are for nobody; its writes still count.
            if (!polite && !_host.Stopping.IsCancellationRequested) { _gone.Cancel(); }

            session.End(_hurry.Token);
        }
    }

    private Agreement? Negotiate()
    {
        using ITimer timer = _host.Options.TimeProvider.CreateTimer(
            static wire => ((SocketWire)wire!).Abort(),
            _socket,
            _host.Options.HandshakeTimeout,
            Timeout.InfiniteTimeSpan);
        return new Handshake(
            _input, _host.Exports, _host.Options, _host.Tls, _host.Stopping).Run();
    }
}
