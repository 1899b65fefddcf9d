using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>The state machine of a fetch and what its attempts have brought, behind one
/// lock.</summary>
/// <remarks>The lock is never held across an await. What an attempt brings has one owner at any
/// time, and the change of owner happens here: a content that comes in the moment in which its
/// reader gives up is disposed of by exactly one side.</remarks>
/// <param name="fleet">The mirrors.</param>
/// <param name="plan">What is asked of them.</param>
/// <param name="avoid">Those that are asked last.</param>
internal sealed class SharedFetch(Fleet fleet, RequestPlan plan, SiteSet avoid)
{
    private readonly Lock _gate = new();
    private readonly MirrorFetch _fetch =
        new(fleet.Desk, plan.ToFetchRequest(), fleet.Now)
        {
            Avoid = avoid,
            IsWanted = plan.IsWanted,
        };

    private FetchResult? _result;
    private FetchResult? _stale;
    private bool _isClosed;

    /// <summary>Whether an attempt has brought what was asked for while somebody waited for
    /// it.</summary>
    public bool IsWon { get; private set; }

    /// <summary>What is to be done next.</summary>
    /// <returns>The step.</returns>
    public FetchAction Next()
    {
        lock (_gate)
        {
            return _fetch.Next(fleet.Now);
        }
    }

    /// <summary>A connection had to be made for an attempt, and is ready.</summary>
    /// <param name="attempt">The attempt.</param>
    public void TakeConnection(Attempt attempt)
    {
        lock (_gate)
        {
            // A request may have been sent over another connection that became free before.
            if (attempt.IsLive && double.IsPositiveInfinity(attempt.HeadAt))
            {
                _fetch.OnConnected(attempt, fleet.Now);
            }
        }
    }

    /// <summary>The head of a good answer has come.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <returns>Whether its body is still wanted.</returns>
    public bool TakeHead(Attempt attempt)
    {
        lock (_gate)
        {
            if (attempt.IsLive)
            {
                _fetch.OnHead(attempt, fleet.Now);
            }

            return attempt.IsLive;
        }
    }

    /// <summary>Bytes of a body have come.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="count">How many.</param>
    public void TakeBytes(Attempt attempt, int count)
    {
        lock (_gate)
        {
            if (attempt.IsLive)
            {
                _fetch.OnBytes(attempt, count, fleet.Now);
            }
        }
    }

    /// <summary>An attempt has ended.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="outcome">How.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    /// <returns>False where it had been given up before.</returns>
    public bool End(Attempt attempt, AttemptOutcome outcome, double retryAfter)
    {
        lock (_gate)
        {
            bool isLive = attempt.IsLive;
            if (isLive)
            {
                _fetch.OnEnded(attempt, outcome, fleet.Now, retryAfter);
            }

            return isLive;
        }
    }

    /// <summary>An attempt has brought what was asked for, and ends with that.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="result">What it brought.</param>
    /// <param name="isTaken">Whether it was taken; otherwise it still belongs to the
    /// attempt.</param>
    /// <returns>False where it had been given up before.</returns>
    public bool Deliver(Attempt attempt, FetchResult result, out bool isTaken)
    {
        lock (_gate)
        {
            isTaken = attempt.IsLive && !_isClosed && !IsWon;
            if (!End(attempt, AttemptOutcome.Delivered, 0))
            {
                return false;
            }

            if (isTaken)
            {
                (IsWon, _result) = (true, result);
                BeginStream(result);
            }

            return true;
        }
    }

    /// <summary>An attempt has brought what is right and too old: better than nothing.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="result">What it brought.</param>
    /// <returns>Whether it was taken; otherwise it still belongs to the attempt.</returns>
    public bool KeepStale(Attempt attempt, FetchResult result)
    {
        lock (_gate)
        {
            bool isKept = attempt.IsLive && !_isClosed && _stale is null;
            _stale = isKept ? result : _stale;
            return isKept;
        }
    }

    /// <summary>Hands out what was asked for.</summary>
    /// <returns>Null where nothing has come, or it has been handed out.</returns>
    public FetchResult? Take() => Take(ref _result);

    /// <summary>Hands out what is too old.</summary>
    /// <inheritdoc cref="Take()"/>
    public FetchResult? TakeStale() => Take(ref _stale);

    /// <summary>Nobody waits any more: what nobody has taken is dropped, and nothing is kept from
    /// now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        FetchResult? unused = Take();
        if (unused?.Stream is not null)
        {
            fleet.Desk.StreamEnded(unused.Site, AttemptOutcome.Abandoned, 0, 0, fleet.Now);
        }

        unused?.Dispose();
        TakeStale()?.Dispose();
    }

    /// <summary>Gives all live attempts up.</summary>
    /// <param name="runs">The attempts.</param>
    /// <returns>Those that were live.</returns>
    public List<AttemptRun> Abandon(List<AttemptRun> runs)
    {
        lock (_gate)
        {
            List<AttemptRun> abandoned = runs.FindAll(run => run.Attempt.IsLive);
            _fetch.Abandon(fleet.Now);
            return abandoned;
        }
    }

    private FetchResult? Take(ref FetchResult? place)
    {
        lock (_gate)
        {
            FetchResult? taken = place;
            place = null;
            return taken;
        }
    }

    private void BeginStream(FetchResult result)
    {
        if (result.Stream is not null)
        {
            fleet.Desk.StreamBegan(result.Site, fleet.Now);
        }
    }
}
