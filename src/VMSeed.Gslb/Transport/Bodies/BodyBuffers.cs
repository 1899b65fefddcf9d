using System.Buffers;

namespace VMSeed.Gslb.Transport.Bodies;

/// <summary>Memory for bodies that are fetched whole.</summary>
internal sealed class BodyBuffers
{
    private int _rented;

    /// <summary>Buffers that are out.</summary>
    public int Rented => Volatile.Read(ref _rented);

    /// <summary>Takes a buffer out.</summary>
    /// <param name="length">Bytes of the body.</param>
    /// <returns>The body, to be filled, and to be disposed of once.</returns>
    public PooledBody Rent(int length)
    {
        Interlocked.Increment(ref _rented);
        return new PooledBody(this, ArrayPool<byte>.Shared.Rent(length), length);
    }

    /// <summary>Takes a buffer back.</summary>
    /// <param name="buffer">The buffer.</param>
    public void Return(byte[] buffer)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        Interlocked.Decrement(ref _rented);
    }
}
