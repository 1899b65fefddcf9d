namespace VMSeed.Nbd.Replying;

/// <summary>What the requests of one connection that have not been answered at once may hold
/// together. Who wants more waits, and with him the client: its further requests are not even
/// received.</summary>
/// <param name="requests">How many requests.</param>
/// <param name="bytes">How many bytes; a single request may be larger, alone.</param>
internal sealed class Budget(int requests, long bytes)
{
    private readonly object _gate = new();
    private int _requests;
    private long _bytes;

    /// <summary>Takes a share, waiting until it is there. It comes: whoever holds one ends his
    /// work, and a client that does not take its replies is hung up on.</summary>
    public void Enter(long cost)
    {
        lock (_gate)
        {
            while (!TryEnter(cost)) { _ = Monitor.Wait(_gate); }
        }
    }

    /// <summary>Takes a share if it is there.</summary>
    public bool TryEnter(long cost)
    {
        lock (_gate)
        {
            if (_requests > 0 && (_requests >= requests || _bytes + cost > bytes))
            {
                return false;
            }

            _requests++;
            _bytes += cost;
            return true;
        }
    }

    public void Exit(long cost)
    {
        lock (_gate)
        {
            _requests--;
            _bytes -= cost;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until nothing is held.</summary>
    /// <param name="hurry">Gives the wait up.</param>
    public void WaitUntilIdle(CancellationToken hurry)
    {
        using CancellationTokenRegistration waking = hurry.Register(Wake);
        lock (_gate)
        {
            while (_requests > 0 && !hurry.IsCancellationRequested) { _ = Monitor.Wait(_gate); }
        }
    }

    private void Wake()
    {
        lock (_gate) { Monitor.PulseAll(_gate); }
    }
}
