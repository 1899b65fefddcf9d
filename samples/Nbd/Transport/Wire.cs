namespace VMSeed.Nbd.Transport;

/// <summary>The bytes of one connection. Its members hold their thread: receiving belongs to one
/// thread, sending to one at a time, and the two do not meet.</summary>
internal abstract class Wire : IDisposable
{
    /// <summary>Whether a short message can be sent without waiting for the other side.</summary>
    public abstract bool CanSend { get; }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many came; 0 when no more will.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Sends all of the bytes.</summary>
    /// <exception cref="IOException">The connection broke, or the other side does not take
    /// them.</exception>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Ends a wait for bytes, now and later; what has arrived can still be received, and
    /// replies can still be sent.</summary>
    public abstract void StopReceiving();

    /// <summary>Ends all waiting, from any thread.</summary>
    public abstract void Abort();

    public abstract void Dispose();
}
