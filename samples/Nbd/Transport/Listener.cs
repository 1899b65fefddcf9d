using System.Net;
using System.Net.Sockets;

namespace VMSeed.Nbd.Transport;

/// <summary>A listening socket.</summary>
internal sealed class Listener : IDisposable
{
    /// <summary>Clients that the system holds until they are accepted: as many as come at one
    /// moment with nbdcopy's or a hypervisor's parallel connections.</summary>
    private const int Backlog = 64;

    /// <summary>After an accept that failed: when descriptors are used up it would fail again at
    /// once, and go round and round.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    private readonly Socket _socket;
    private readonly bool _isBoundHere;

    private Listener(Socket socket, bool isBoundHere)
    {
        _socket = socket;
        _isBoundHere = isBoundHere;
        EndPoint = socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Listens.</summary>
    /// <exception cref="IOException">The address is in use, or not ours.</exception>
    public static Listener Open(EndPoint endPoint)
    {
        bool unix = endPoint is UnixDomainSocketEndPoint;
        Socket socket = new(
            endPoint.AddressFamily,
            SocketType.Stream,
            unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (unix)
            {
                RemoveDead(endPoint);
            }
            else if (endPoint is IPEndPoint { Address: var address }
                && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new Listener(socket, isBoundHere: true);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException(
                $"It cannot be listened at {endPoint}: {failure.Message}.", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a socket that somebody else listens at.</summary>
    /// <exception cref="ArgumentException">It is not such a one.</exception>
    public static Listener Of(Socket socket)
    {
        if (socket.SocketType != SocketType.Stream
            || socket.GetSocketOption(
                SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 1)
        {
            throw new ArgumentException(
                $"The socket {socket.LocalEndPoint} is not a listening stream socket.",
                nameof(socket));
        }

        return new Listener(socket, isBoundHere: false);
    }

    /// <summary>Waits for a client.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its socket; null when the listener has been closed.</returns>
    public async ValueTask<Socket?> AcceptAsync(
        TimeProvider time, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                return await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception end) when (end is OperationCanceledException
                or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException)
            {
                // The client left before it was taken, or there are no descriptors just now: the
                // next one has a chance of its own. A socket that is closed while it waits may say
                // so likewise; then the loop ends.
                await Task.Delay(_pause, time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_isBoundHere && EndPoint is UnixDomainSocketEndPoint path)
        {
            File.Delete(path.ToString());
        }
    }

    // A server that was killed leaves its socket's file behind, at which nobody answers.
    private static void RemoveDead(EndPoint endPoint)
    {
        string path = endPoint.ToString()!;
        if (!File.Exists(path)) { return; }

        using Socket probe = new(
            AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException refused)
            when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Of a file that is no socket this is said too; it is not ours to delete.
            if (new FileInfo(path).Length == 0) { File.Delete(path); }
        }
    }
}
