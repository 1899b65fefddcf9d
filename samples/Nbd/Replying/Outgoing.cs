using System.Buffers;

namespace VMSeed.Nbd.Replying;

/// <summary>A reply, or a chunk of one, that waits to be sent.</summary>
/// <param name="Buffer">The pool's array that it lies in.</param>
/// <param name="Start">Where it begins there.</param>
/// <param name="Count">How long it is, in bytes.</param>
/// <param name="Cost">What its request holds of the connection's budget, for the last of its
/// replies; else -1.</param>
internal readonly record struct Outgoing(byte[] Buffer, int Start, int Count, long Cost)
{
    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(Start, Count);

    public void Release() => ArrayPool<byte>.Shared.Return(Buffer);
}
