namespace VMSeed.Disks.Mapping;

/// <summary>Tells when every transfer that began before a moment has ended.</summary>
/// <remarks>
/// A reader that has looked a place up may still be reading there when the place is given back. It
/// says which epoch it began in; a place is free when the epoch of its giving back has nobody left.
/// Two counters are enough, for an epoch is closed only when the one before it is empty.
/// </remarks>
internal sealed class TransferEpochs
{
    // A cache line apart, so that the counters of two epochs do not share one.
    private const int Stride = 16;

    private readonly int[] _active = new int[3 * Stride];
    private int _current;

    /// <summary>A transfer begins.</summary>
    /// <returns>What <see cref="Leave"/> is to be told.</returns>
    public int Enter()
    {
        while (true)
        {
            int epoch = Volatile.Read(ref _current);
            Interlocked.Increment(ref _active[(1 + epoch) * Stride]);
            if (epoch == Volatile.Read(ref _current))
            {
                return epoch;
            }

            // Closed in between: whoever closed it may have found it empty.
            Leave(epoch);
        }
    }

    /// <summary>The transfer has ended.</summary>
    public void Leave(int epoch) => Interlocked.Decrement(ref _active[(1 + epoch) * Stride]);

    /// <summary>Closes the current epoch, unless the one before still has somebody in it.</summary>
    /// <param name="closed">The epoch that was closed.</param>
    /// <returns>Whether it was.</returns>
    public bool TryClose(out int closed)
    {
        closed = _current;
        if (!IsEmpty(1 - closed))
        {
            return false;
        }

        Volatile.Write(ref _current, 1 - closed);
        Interlocked.MemoryBarrier();
        return true;
    }

    /// <summary>Whether all transfers of a closed epoch have ended.</summary>
    public bool IsEmpty(int epoch) => Volatile.Read(ref _active[(1 + epoch) * Stride]) == 0;
}
