using System.Buffers;

namespace VMSeed.Blocks.Reading.Resident;

/// <summary>The verified plain bytes of a block, shared by whoever has retained them.</summary>
/// <remarks>The array goes back to the pool with the last release; a buffer is never used
/// again.</remarks>
internal sealed class BlockBuffer
{
    private readonly byte[] _array;
    private readonly int _trailer;
    private int _references = 1;

    private BlockBuffer(byte[] array, int length, int trailer)
    {
        (_array, _trailer) = (array, trailer);
        Length = length;
    }

    public int Length { get; }

    /// <summary>The bytes as the cache keeps them: those of the block, and what lies behind
    /// them.</summary>
    public Memory<byte> Stored => _array.AsMemory(0, Length + _trailer);

    public Span<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Takes a buffer with one reference, which the caller holds.</summary>
    /// <param name="length">Bytes of the block.</param>
    /// <param name="trailer">Bytes behind it.</param>
    public static BlockBuffer Rent(int length, int trailer) =>
        new(ArrayPool<byte>.Shared.Rent(length + trailer), length, trailer);

    /// <summary>Adds a reference, unless the last one is gone already.</summary>
    public bool TryRetain()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int now = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (now == seen)
            {
                return true;
            }

            seen = now;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
    }
}
