using System.Collections.Concurrent;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Transport.Bodies;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What all fetches of a handler share.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Log">The log.</param>
internal sealed record FetchTools(TimeProvider Time, MirrorLog Log)
{
    // As many as fetches are in flight where many are; more are made and dropped.
    private const int MostWakeups = 64;

    private readonly ConcurrentQueue<Wakeup> _wakeups = new();
    private int _live;

    /// <summary>Memory for bodies.</summary>
    public BodyBuffers Buffers { get; } = new();

    /// <summary>Attempts that hold a connection or a buffer.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Cancelled when the handler is disposed of.</summary>
    public CancellationTokenSource Stop { get; } = new();

    /// <summary>Something to sleep on; with a timer, which is dear to make.</summary>
    /// <returns>To be given back.</returns>
    public Wakeup RentWakeup() => _wakeups.TryDequeue(out Wakeup? kept) ? kept : new Wakeup(Time);

    /// <summary>Takes back what nobody sleeps on.</summary>
    /// <param name="wakeup">It may still be set, by an attempt that ends late: whoever sleeps on it
    /// next looks once for nothing.</param>
    public void Return(Wakeup wakeup)
    {
        wakeup.Rest();
        if (_wakeups.Count < MostWakeups && !Stop.IsCancellationRequested)
        {
            _wakeups.Enqueue(wakeup);
        }
        else
        {
            wakeup.Dispose();
        }
    }

    /// <summary>An attempt begins.</summary>
    public void Enter() => Interlocked.Increment(ref _live);

    /// <summary>An attempt has let go of all that it held.</summary>
    public void Leave() => Interlocked.Decrement(ref _live);
}
