namespace VMSeed.Blocks.Sources.Http;

/// <summary>Gives a request up that makes no progress, or too little.</summary>
/// <remarks>
/// Two bounds, of which the nearer one is armed whenever the request waits: no byte for the
/// no-progress timeout, and a mean speed below the smallest after a slow start. The second is what
/// ends a server that sends one byte every nine seconds. Only time spent waiting for the server
/// counts: a reader that decodes between two reads is not the server's fault. One timer a request;
/// arming it again allocates nothing, and a read that completes at once does not arm it. A handler
/// that keeps an answer until it has checked it announces what it has: else the disk would give up
/// what comes slowly, and what is being asked for at a second mirror.
/// </remarks>
internal sealed class ProgressWatch : IDisposable
{
    private readonly HttpSourceOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private readonly Lock _gate = new();
    private TimeSpan _waited;
    private long _since;
    private long _announced;
    private bool _isWaiting;
    private bool _isNearSlow;

    public ProgressWatch(HttpSourceOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
    }

    /// <summary>Cancelled when the request is to be given up, by the watch or by the
    /// caller.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Whether the request has been given up.</summary>
    public bool HasFired => _end.IsCancellationRequested;

    /// <summary>Bytes that have come so far.</summary>
    public long Received { get; private set; }

    /// <summary>Takes note of bytes that have come.</summary>
    /// <param name="count">How many.</param>
    public void Advance(int count) => Received += count;

    /// <summary>Begins to wait for the server.</summary>
    /// <param name="cancellationToken">The caller's wish to give up, heard until the registration
    /// is disposed of.</param>
    /// <returns>The registration.</returns>
    public CancellationTokenRegistration BeginWait(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _since = _time.GetTimestamp();
            _isWaiting = true;
            ArmUnsynchronized();
        }

        return cancellationToken.UnsafeRegister(
            static end => ((CancellationTokenSource)end!).Cancel(), _end);
    }

    /// <summary>Ends the wait: time that passes now is not the server's.</summary>
    public void EndWait()
    {
        lock (_gate)
        {
            _isWaiting = false;
            _end.CancelAfter(Timeout.InfiniteTimeSpan);
            _waited += _time.GetElapsedTime(_since);
        }
    }

    /// <summary>Takes note of bytes that have come to a handler on the way and were not handed out
    /// yet; from any thread, and without effect while nobody waits.</summary>
    /// <param name="count">How many; 0 where the handler has turned to another server.</param>
    public void Announce(long count)
    {
        lock (_gate)
        {
            if (_isWaiting)
            {
                long now = _time.GetTimestamp();
                _waited += _time.GetElapsedTime(_since, now);
                _since = now;
                _announced += Math.Max(count, 0);
                ArmUnsynchronized();
            }
        }
    }

    /// <summary>Says why the watch fired.</summary>
    /// <returns>The fact, as the end of a sentence.</returns>
    public string Describe()
    {
        string least = $"slower than {_options.MinBytesPerSecond} B/s";
        return _isNearSlow
            ? $"sent {Received} bytes in {_waited.TotalSeconds:0.#} s, {least}"
            : $"sent {(Received == 0 ? "" : $"{Received} bytes and then ")}nothing for "
                + $"{_options.NoProgressTimeout.TotalSeconds:0.##} s";
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    private TimeSpan Allowance => _options.SlowStart
        + TimeSpan.FromSeconds((double)(Received + _announced) / _options.MinBytesPerSecond);

    private void ArmUnsynchronized()
    {
        TimeSpan left = Allowance - _waited;
        _isNearSlow = left < _options.NoProgressTimeout;
        TimeSpan due = _isNearSlow ? left : _options.NoProgressTimeout;
        _end.CancelAfter(due > TimeSpan.Zero ? due : TimeSpan.Zero);
    }
}
