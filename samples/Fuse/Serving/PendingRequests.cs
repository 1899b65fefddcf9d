namespace VMSeed.Fuse.Serving;

/// <summary>The requests whose file has not answered yet, so that an interrupt finds
/// them.</summary>
/// <remarks>
/// An interrupt may be read by one thread while another still is on the way to enter the request
/// here. Early
/// interrupts are remembered for that; a request's number never comes again, so one that was
/// answered before
/// its interrupt arrived leaves nothing but a stale entry, and the oldest is dropped.
/// </remarks>
internal sealed class PendingRequests
{
    /// <summary>More than threads that could be on the way at once; few enough to search.</summary>
    private const int MaxEarly = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, CancellationTokenSource> _pending = [];
    private readonly Queue<ulong> _early = new();
    private TaskCompletionSource? _drained;
    private bool _stopped;

    public void Add(FuseRequest request)
    {
        bool cancel;
        lock (_gate)
        {
            _pending.Add(request.Header.Unique, request.Cancellation);
            cancel = _stopped || _early.Contains(request.Header.Unique);
        }

        if (cancel) { request.Cancellation.Cancel(); }
    }

    public void Remove(FuseRequest request)
    {
        lock (_gate)
        {
            _ = _pending.Remove(request.Header.Unique);
            if (_pending.Count == 0) { _ = _drained?.TrySetResult(); }
        }

        request.RenewCancellation(); // An interrupt may hold the old source still.
    }

    public void Interrupt(ulong unique)
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (!_pending.TryGetValue(unique, out source))
            {
                if (_early.Count == MaxEarly) { _ = _early.Dequeue(); }

                _early.Enqueue(unique);
            }
        }

        source?.Cancel();
    }

    /// <summary>Cancels all requests, and those that come later.</summary>
    /// <returns>A task that is done when none is pending.</returns>
    public Task StopAsync()
    {
        CancellationTokenSource[] sources;
        lock (_gate)
        {
            _stopped = true;
            sources = [.. _pending.Values];
            _drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_pending.Count == 0) { _ = _drained.TrySetResult(); }
        }

        foreach (CancellationTokenSource source in sources) { source.Cancel(); }

        return _drained.Task;
    }
}
