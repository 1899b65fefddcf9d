namespace VMSeed.Gslb.Transport.Bodies;

/// <summary>A body in pooled memory.</summary>
/// <remarks>It is copied out under a lock that its disposal takes too: a reader that goes on after
/// another thread has disposed of the response gets an error, never the next body's
/// bytes.</remarks>
internal sealed class PooledBody(BodyBuffers owner, byte[] buffer, int length) : IDisposable
{
    private readonly Lock _gate = new();
    private byte[]? _buffer = buffer;

    /// <summary>Bytes of the body.</summary>
    public int Length { get; private set; } = length;

    /// <summary>All of it; only for whoever fills it, before anybody reads.</summary>
    public Memory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>Cuts it to what has come.</summary>
    /// <param name="length">Bytes, at most as many as it has.</param>
    public void Cut(int length) => Length = length;

    /// <summary>Copies bytes out.</summary>
    /// <param name="position">The first byte.</param>
    /// <param name="target">Takes them.</param>
    /// <returns>How many there were, 0 at the end.</returns>
    public int Read(long position, Span<byte> target)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_buffer is null, typeof(HttpContent));
            int count = (int)Math.Clamp(Length - position, 0, target.Length);
            _buffer.AsSpan(count == 0 ? 0 : (int)position, count).CopyTo(target);
            return count;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_buffer is not null)
            {
                owner.Return(_buffer);
                _buffer = null;
            }
        }
    }
}
