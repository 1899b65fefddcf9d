using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Fetching;

namespace VMSeed.Gslb.Transport.Streaming;

/// <summary>What one mirror brings of a stream, from where it takes over until it is
/// left.</summary>
internal sealed class StreamPart : IDisposable
{
    private readonly Fleet _fleet;
    private readonly FetchResult _result;
    private readonly StallWatch _watch;
    private int _isEnded;

    /// <summary>Takes over.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="result">What a fetch brought; disposed of with this.</param>
    /// <param name="start">The stream's position at which it begins.</param>
    public StreamPart(Fleet fleet, FetchResult result, long start)
    {
        _fleet = fleet;
        _result = result;
        Start = start;
        SiteEstimate estimate = result.Site.Estimate;
        _watch = new StallWatch(fleet.Tools.Time, estimate.RoundTrip, estimate.Bandwidth);
        IsSuspicious = PastCaches.IsSuspicious(result.Response);
        fleet.Tools.Enter();
    }

    /// <summary>Who brings it.</summary>
    public Site Site => _result.Site;

    /// <summary>Where it comes from, redirects followed.</summary>
    public Uri? Server => _result.Server;

    /// <summary>The stream's position at which it begins.</summary>
    public long Start { get; }

    /// <summary>Bytes that it brought.</summary>
    public long Received { get; private set; }

    /// <summary>Whether a cache may have had its hands in it.</summary>
    public bool IsSuspicious { get; }

    /// <summary>How it failed; live while it has not.</summary>
    public AttemptOutcome Outcome { get; private set; }

    /// <summary>What happened, as the end of a sentence that begins with the mirror.</summary>
    public string Fact { get; private set; } = "";

    /// <summary>Reads what has come, or waits for it.</summary>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="cancellationToken">The reader's wish to give up.</param>
    /// <returns>How many came; 0 at the end, -1 when it has failed.</returns>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_result.Body is { } body)
        {
            int copied = body.Read(Received, buffer.Span);
            Received += copied;
            return copied;
        }

        try
        {
            int count = await WaitAsync(buffer, cancellationToken).ConfigureAwait(false);
            Received += count;
            _watch.Take(count);
            return _watch.IsTooSlow ? Fail(AttemptOutcome.TimedOut, "is too slow", count) : count;
        }
        catch (Exception e) when (TransportFaults.IsOne(e))
        {
            bool isReaders = cancellationToken.IsCancellationRequested;
            Outcome = isReaders ? AttemptOutcome.Abandoned : AttemptOutcome.Broken;
            Fact = TransportFaults.Describe(e);
            if (!isReaders && _watch.Token.IsCancellationRequested)
            {
                Fail(AttemptOutcome.TimedOut, "fell silent", 0);
            }

            cancellationToken.ThrowIfCancellationRequested();
            return -1;
        }
    }

    /// <summary>Lets go of the connection, and tells how it was.</summary>
    /// <param name="outcome">How it ended.</param>
    public void End(AttemptOutcome outcome)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
        {
            return;
        }

        if (_result.Stream is not null)
        {
            _fleet.Desk.StreamEnded(Site, outcome, Received, _watch.Waited, _fleet.Now);
            FetchNotes.CountBytes(_fleet.TransportOf(Site).Name, Received, isWasted: false);
            _fleet.Ended(Site, outcome, Fact);
        }

        _result.Dispose();
        _watch.Dispose();
        _fleet.Tools.Leave();
    }

    /// <inheritdoc/>
    public void Dispose() => End(AttemptOutcome.Abandoned);

    // What came before it failed has come: the failure is told at the next read.
    private int Fail(AttemptOutcome outcome, string fact, int count)
    {
        Outcome = outcome;
        Fact = FormattableString.Invariant(
            $"{fact}: {Received} bytes in {_watch.Waited:0} ms of waiting");
        return count;
    }

    private async ValueTask<int> WaitAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueTask<int> read = _result.Stream!.ReadAsync(buffer, _watch.Token);
        if (read.IsCompletedSuccessfully)
        {
            return read.Result;
        }

        using CancellationTokenRegistration caller = _watch.BeginWait(cancellationToken);
        try
        {
            return await read.ConfigureAwait(false);
        }
        finally
        {
            _watch.EndWait();
        }
    }
}
