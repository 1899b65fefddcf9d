namespace VMSeed.Nbd.Transport;

/// <summary>What has been received and not been looked at yet. One receive brings as many requests
/// as the client has sent; they are parsed where they lie.</summary>
internal sealed class ReceiveBuffer
{
    /// <summary>Bytes that one receive brings at the most: 2,000 requests without payload, or the
    /// largest option of the handshake.</summary>
    public const int Capacity = 64 * 1024;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private int _start;
    private int _end;

    /// <summary>Takes a wire.</summary>
    /// <param name="wire">Where bytes come from.</param>
    public ReceiveBuffer(Wire wire) => Wire = wire;

    /// <summary>Where bytes come from; can be replaced while nothing is buffered.</summary>
    public Wire Wire { get; set; }

    /// <summary>Runs before each wait: replies that the other side may be waiting for must be on
    /// their way by then.</summary>
    public Action? BeforeWaiting { get; set; }

    public int Count => _end - _start;

    /// <summary>Makes sure of some bytes, waiting for them where need be.</summary>
    /// <returns>False when the other side has ended before the first of them.</returns>
    /// <exception cref="EndOfStreamException">It has ended in the middle.</exception>
    public bool Require(int count)
    {
        while (Count < count)
        {
            MakeRoom(count);
            BeforeWaiting?.Invoke();
            int received = Wire.Receive(_bytes.AsSpan(_end));
            if (received == 0)
            {
                return Count == 0 ? false : throw Cut();
            }

            _end += received;
        }

        return true;
    }

    /// <summary>Takes bytes that <see cref="Require"/> has made sure of; valid until the next
    /// call.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> taken = _bytes.AsSpan(_start, count);
        _start += count;
        return taken;
    }

    /// <summary>Fills a buffer from what follows, which passes this one by where it can.</summary>
    /// <exception cref="EndOfStreamException">The other side has ended.</exception>
    public void Fill(Span<byte> buffer)
    {
        int buffered = Math.Min(Count, buffer.Length);
        Take(buffered).CopyTo(buffer);
        buffer = buffer[buffered..];
        while (!buffer.IsEmpty)
        {
            BeforeWaiting?.Invoke();
            int received = Wire.Receive(buffer);
            buffer = received > 0 ? buffer[received..] : throw Cut();
        }
    }

    /// <summary>Drops bytes that nobody wants.</summary>
    /// <exception cref="EndOfStreamException">The other side has ended.</exception>
    public void Skip(long count)
    {
        while (count > 0)
        {
            if (!Require(1)) { throw Cut(); }

            int part = (int)Math.Min(count, Count);
            _ = Take(part);
            count -= part;
        }
    }

    private static EndOfStreamException Cut() => new("The client has left in mid-message.");

    private void MakeRoom(int count)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_bytes.Length - _start < count)
        {
            _bytes.AsSpan(_start, Count).CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }
    }
}
