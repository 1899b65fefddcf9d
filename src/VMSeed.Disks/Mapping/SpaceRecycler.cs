namespace VMSeed.Disks.Mapping;

/// <summary>Space of a file that was let go, on its way to being used again.</summary>
/// <remarks>
/// Three stations: let go since the last commit (tables on the disk may still name it); let go by
/// tables that are safe (a transfer may still be at it); free. All members but
/// <see cref="Epochs"/> are called under the disk's gate. The recyclers of several files of one
/// disk share its epochs.
/// </remarks>
/// <param name="epochs">What every transfer enters and leaves; null for epochs of its own.</param>
internal sealed class SpaceRecycler(TransferEpochs? epochs = null)
{
    private readonly Stack<long> _free = new();
    private List<long> _released = [];
    private List<long> _leaving = [];
    private int _epoch;

    /// <summary>What every transfer enters and leaves.</summary>
    public TransferEpochs Epochs { get; } = epochs ?? new();

    /// <summary>Places on their way, and free ones.</summary>
    public int Count => _free.Count + _released.Count + _leaving.Count;

    /// <summary>Takes space that is free. Its old bytes are still there.</summary>
    public bool TryTake(out long offset)
    {
        Settle();
        return _free.TryPop(out offset);
    }

    /// <summary>Puts space back that nothing has ever pointed at.</summary>
    public void GiveBack(long offset) => _free.Push(offset);

    /// <summary>Lets space go that the tables on the disk still name.</summary>
    public void Release(long offset) => _released.Add(offset);

    /// <summary>All space that nothing names any more. For a file that is being closed: its tables
    /// are safe, and no transfer is under way.</summary>
    public IEnumerable<long> Unused => _free.Concat(_leaving).Concat(_released);

    /// <summary>The tables on the disk no longer name what was let go before.</summary>
    public void Committed()
    {
        Settle();
        if (_leaving.Count == 0 && _released.Count > 0 && Epochs.TryClose(out int closed))
        {
            (_leaving, _released) = (_released, []);
            _epoch = closed;
        }
    }

    private void Settle()
    {
        if (_leaving.Count > 0 && Epochs.IsEmpty(_epoch))
        {
            foreach (long offset in _leaving)
            {
                _free.Push(offset);
            }

            _leaving.Clear();
        }
    }
}
