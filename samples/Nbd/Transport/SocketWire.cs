using System.Net.Sockets;

namespace VMSeed.Nbd.Transport;

/// <summary>A socket that blocks: one system call a transfer, and no other thread in
/// between.</summary>
internal sealed class SocketWire : Wire
{
    private readonly Socket _socket;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Lookout _lookout;

    /// <summary>Takes a socket over.</summary>
    /// <param name="socket">The connected socket.</param>
    /// <param name="patience">How long the other side may take for what is sent at once.</param>
    /// <param name="time">The clock.</param>
    public SocketWire(Socket socket, TimeSpan patience, TimeProvider time)
    {
        _socket = socket;
        _patience = patience;
        _time = time;
        _lookout = new Lookout(() => socket.Available > 0);
        _socket.SendTimeout = (int)patience.TotalMilliseconds;
        if (_socket.ProtocolType == ProtocolType.Tcp)
        {
            // A reply is whole when it is sent; waiting for more to go with it only costs time.
            _socket.NoDelay = true;
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }
    }

    public override bool CanSend
    {
        get
        {
            try
            {
                return _socket.Poll(0, SelectMode.SelectWrite);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public override int Receive(Span<byte> buffer)
    {
        _lookout.Look();
        int count = _socket.Receive(buffer, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => count,
            SocketError.ConnectionReset or SocketError.ConnectionAborted => 0,
            _ => throw new IOException($"Receiving failed: {error}."),
        };
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        // The system's time-out begins anew with each byte that is taken: one that takes a byte now
        // and then would hold the connection for ever.
        long began = _time.GetTimestamp();
        while (true)
        {
            int count = _socket.Send(bytes, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
            {
                throw new IOException($"Sending failed: {error}.");
            }

            bytes = bytes[count..];
            if (bytes.IsEmpty) { return; }

            if (_time.GetElapsedTime(began) > _patience)
            {
                throw new IOException($"A reply was not taken within {_patience}.");
            }
        }
    }

    public override void StopReceiving() => Shutdown(SocketShutdown.Receive);

    public override void Abort() => Shutdown(SocketShutdown.Both);

    public override void Dispose() => _socket.Dispose();

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            _socket.Shutdown(how);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has ended by itself, which is what was wanted.
        }
    }
}
