using System.Threading.Tasks.Sources;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What the loop of a fetch sleeps on: an event, or a time.</summary>
/// <remarks>One waiter. To be woken for nothing is allowed, and asks the state machine once more; a
/// call that comes while nobody waits is kept for the next wait. Waiting allocates
/// nothing.</remarks>
internal sealed class Wakeup : IValueTaskSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core =
        new() { RunContinuationsAsynchronously = true };

    private bool _isSet;
    private bool _isWaiting;

    /// <summary>Makes an event that has not happened.</summary>
    /// <param name="time">The clock.</param>
    public Wakeup(TimeProvider time) =>
        _timer = time.CreateTimer(
            static self => ((Wakeup)self!).Set(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);

    /// <summary>Wakes the waiter, or the next one.</summary>
    public void Set()
    {
        lock (_gate)
        {
            if (!_isWaiting)
            {
                _isSet = true;
                return;
            }

            _isWaiting = false;
        }

        _core.SetResult(true);
    }

    /// <summary>Waits.</summary>
    /// <param name="patience">Milliseconds at the longest; may be infinite.</param>
    /// <returns>Ends with the event or the time.</returns>
    public ValueTask WaitAsync(double patience)
    {
        short version;
        lock (_gate)
        {
            if (_isSet || patience <= 0)
            {
                _isSet = false;
                return default;
            }

            _core.Reset();
            _isWaiting = true;
            version = _core.Version;
        }

        // Rounded up: woken early, the loop would ask, and wait for nothing, several times.
        _timer.Change(
            double.IsFinite(patience)
                ? TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(patience, int.MaxValue)))
                : Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        return new ValueTask(this, version);
    }

    /// <summary>Forgets what has happened; nobody waits.</summary>
    public void Rest()
    {
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _isSet = false;
        }
    }

    /// <inheritdoc/>
    public void GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(
        Action<object?> continuation,
        object? state,
        short token,
        ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
