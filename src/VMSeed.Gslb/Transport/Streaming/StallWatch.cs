namespace VMSeed.Gslb.Transport.Streaming;

/// <summary>Ends the wait for a stream's next bytes when none come, and tells when they come too
/// slowly.</summary>
/// <remarks>Only time that is spent waiting for the server counts: a reader that decodes between
/// two reads is not the server's fault. The speed is judged over spans of waiting, so that a server
/// that sends a byte each second is left as one that sends nothing is.</remarks>
internal sealed class StallWatch : IDisposable
{
    private const double Span = 2_000;

    // Where nothing is known of the line: 1,000 bytes a second, the speed at which download tools
    // give a server up.
    private const double LeastRate = 1.0;

    // How much slower than foreseen a stream may be: lines vary by factors of two and three, and a
    // stream that moves costs a round trip.
    private const double Tolerance = 8;

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _patience;
    private readonly double _least;
    private long _since;
    private double _spanned;
    private long _spanBytes;

    /// <summary>Makes a watch.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="trip">Milliseconds of a round trip; infinite where it is not known.</param>
    /// <param name="bandwidth">Bytes a millisecond that are foreseen; 0 where that is not
    /// known.</param>
    public StallWatch(TimeProvider time, double trip, double bandwidth)
    {
        _time = time;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _patience = TimeSpan.FromMilliseconds(
            Math.Clamp(double.IsFinite(trip) ? trip * 4 : 0, 1_000, 5_000));
        _least = Math.Max(bandwidth / Tolerance, LeastRate);
    }

    /// <summary>Cancelled when the wait is to be given up.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Milliseconds waited for the server so far.</summary>
    public double Waited { get; private set; }

    /// <summary>Whether bytes come too slowly.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Begins to wait.</summary>
    /// <param name="cancellationToken">The reader's wish to give up.</param>
    /// <returns>To be disposed of when the wait ends.</returns>
    public CancellationTokenRegistration BeginWait(CancellationToken cancellationToken)
    {
        _since = _time.GetTimestamp();
        _end.CancelAfter(_patience);
        return cancellationToken.UnsafeRegister(
            static end => ((CancellationTokenSource)end!).Cancel(), _end);
    }

    /// <summary>Ends the wait.</summary>
    public void EndWait()
    {
        _end.CancelAfter(Timeout.InfiniteTimeSpan);
        double waited = _time.GetElapsedTime(_since).TotalMilliseconds;
        Waited += waited;
        _spanned += waited;
    }

    /// <summary>Takes note of bytes.</summary>
    /// <param name="count">How many.</param>
    public void Take(int count)
    {
        _spanBytes += count;
        if (_spanned < Span)
        {
            return;
        }

        IsTooSlow = _spanBytes < _least * _spanned;
        _spanned = 0;
        _spanBytes = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();
}
