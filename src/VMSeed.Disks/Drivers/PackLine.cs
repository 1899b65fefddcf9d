using System.Buffers;

namespace VMSeed.Disks.Drivers;

/// <summary>Packs units on several cores, and hands them on in the order in which they
/// came.</summary>
/// <typeparam name="T">What a packed unit is.</typeparam>
/// <remarks>Called by one task at a time.</remarks>
/// <param name="pack">Packs a unit; called on several threads at once.</param>
/// <param name="emit">Takes a packed unit; called for one at a time.</param>
/// <param name="width">How many units are on the line at once, at the most: more than there are
/// cores hides that some take longer than others.</param>
internal sealed class PackLine<T>(
    Func<long, ReadOnlyMemory<byte>, T> pack,
    Func<long, T, CancellationToken, ValueTask> emit,
    int width) : IAsyncDisposable
{
    private readonly Queue<(long Offset, Task<T> Work)> _line = new();

    /// <summary>Puts a copy of a unit on the line; waits for the oldest where the line is
    /// full.</summary>
    public async ValueTask AddAsync(
        long offset, ReadOnlyMemory<byte> unit, CancellationToken cancellationToken)
    {
        while (_line.Count >= width || (_line.Count > 0 && _line.Peek().Work.IsCompleted))
        {
            await EmitOldestAsync(cancellationToken).ConfigureAwait(false);
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(unit.Length);
        unit.CopyTo(copy);
        int length = unit.Length;
        _line.Enqueue((offset, Task.Run(() => Pack(offset, copy, length), CancellationToken.None)));
    }

    /// <summary>Waits for all that is on the line.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (_line.Count > 0)
        {
            await EmitOldestAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the work that is under way, and drops it.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_line.TryDequeue(out (long Offset, Task<T> Work) oldest))
        {
            await Task.WhenAny(oldest.Work).ConfigureAwait(false);
        }
    }

    private async ValueTask EmitOldestAsync(CancellationToken cancellationToken)
    {
        (long offset, Task<T> work) = _line.Peek();
        T packed = await work.WaitAsync(cancellationToken).ConfigureAwait(false);
        _line.Dequeue();
        await emit(offset, packed, cancellationToken).ConfigureAwait(false);
    }

    private T Pack(long offset, byte[] copy, int length)
    {
        try
        {
            return pack(offset, copy.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
