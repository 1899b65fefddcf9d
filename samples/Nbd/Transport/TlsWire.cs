using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace VMSeed.Nbd.Transport;

/// <summary>TLS over another wire, the server's side.</summary>
internal sealed class TlsWire : Wire
{
    private readonly Wire _inner;
    private readonly SslStream _tls;

    private TlsWire(Wire inner, SslStream tls)
    {
        _inner = inner;
        _tls = tls;
    }

    /// <summary>Shakes hands.</summary>
    /// <param name="inner">What lies below; given back to the caller when this fails.</param>
    /// <param name="options">Certificates, and what is asked of the client's.</param>
    /// <returns>The wire, on which everything is encrypted.</returns>
    /// <exception cref="IOException">The two sides do not agree.</exception>
    public static TlsWire Accept(Wire inner, SslServerAuthenticationOptions options)
    {
        SslStream tls = new(new WireStream(inner), leaveInnerStreamOpen: true);
        try
        {
            tls.AuthenticateAsServer(options);
            return new TlsWire(inner, tls);
        }
        catch (AuthenticationException failure)
        {
            tls.Dispose();
            throw new IOException($"The TLS handshake failed: {failure.Message}", failure);
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    public override bool CanSend => _inner.CanSend;

    public override int Receive(Span<byte> buffer) => _tls.Read(buffer);

    public override void Send(ReadOnlySpan<byte> bytes) => _tls.Write(bytes);

    public override void StopReceiving() => _inner.StopReceiving();

    public override void Abort() => _inner.Abort();

    public override void Dispose()
    {
        try
        {
            // Says goodbye; a client that takes nothing more has no need of it.
            _tls.ShutdownAsync().GetAwaiter().GetResult();
        }
        catch (Exception gone)
            when (gone is IOException or SocketException or InvalidOperationException)
        {
            // The other side left first.
        }

        _tls.Dispose();
        _inner.Dispose();
    }
}
