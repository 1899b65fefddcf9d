using System.Diagnostics.CodeAnalysis;

namespace VMSeed.Fuse.Serving;

/// <summary>The bounded set of buffers, and the requests that wait for one.</summary>
/// <remarks>
/// A thread that takes requests needs a second buffer in hand before it starts a read: when the
/// read does not
/// complete at once, the first one stays with it and the thread goes on with the second. When all
/// are in use,
/// the request is kept as the few bytes that it is, and the thread goes on all the same: interrupts
/// and
/// look-ups are heard however many reads are stuck. The kernel bounds how many such requests there
/// are, by
/// max_background and by the threads that wait in read(2).
/// </remarks>
internal sealed class RequestPool(int transferLength, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Stack<FuseRequest> _free = new();
    private readonly LinkedList<WaitingRequest> _waiting = [];
    private int _made;

    /// <summary>A buffer that does not count, for a thread to read its first request
    /// into.</summary>
    public FuseRequest Create() => new(transferLength);

    /// <summary>A second buffer for a thread, or else its request is queued.</summary>
    /// <returns>False when the request has been queued; its buffer is free.</returns>
    public bool TakeOrQueue(FuseRequest request, [NotNullWhen(true)] out FuseRequest? spare)
    {
        lock (_gate)
        {
            if (_free.TryPop(out spare)) { return true; }

            if (_made < capacity)
            {
                _made++;
                spare = Create();
                return true;
            }

            _waiting.AddLast(new WaitingRequest(
                request.Device!, request.Header.Unique, request.Whole.ToArray()));
            return false;
        }
    }

    /// <summary>Gives a buffer back, or loads it with the request that has waited
    /// longest.</summary>
    /// <returns>True when a request was loaded.</returns>
    public bool ReturnOrLoad(FuseRequest request)
    {
        WaitingRequest next;
        lock (_gate)
        {
            if (_waiting.First is null)
            {
                _free.Push(request);
                return false;
            }

            next = _waiting.First.Value;
            _waiting.RemoveFirst();
        }

        request.Load(next);
        return true;
    }

    /// <summary>Takes a request out of the queue that nobody waits for any more.</summary>
    public bool TryRemove(ulong unique, [NotNullWhen(true)] out WaitingRequest? removed)
    {
        lock (_gate)
        {
            removed = _waiting.FirstOrDefault(waiting => waiting.Unique == unique);
            return removed is not null && _waiting.Remove(removed);
        }
    }
}
