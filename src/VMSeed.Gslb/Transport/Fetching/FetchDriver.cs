using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;
using VMSeed.Gslb.Transport.Requests;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Drives one fetch on the network: does what its state machine says, and tells it what
/// happened.</summary>
/// <remarks>
/// One loop asks the machine and sleeps; attempts run beside it and wake it. The machine is called
/// under one lock, never across an await. An attempt that the machine has ended is told to stop and
/// is not waited for: it cleans up after itself. What an attempt brings has one owner at any time,
/// and the change of owner happens under the lock, so that a content that comes in the moment in
/// which its reader gives up is disposed of by exactly one side.
/// </remarks>
internal sealed class FetchDriver : IDisposable
{
    // How often the rest of a race is looked at, in milliseconds: only its deadlines matter.
    private const double DrainInterval = 250;

    private readonly Lock _gate = new();
    private readonly List<AttemptRun> _runs = [];
    private readonly Wakeup _wakeup;
    private readonly MirrorFetch _fetch;
    private FetchResult? _result;
    private FetchResult? _stale;
    private AttemptRun? _winner;
    private Exception? _fault;
    private bool _isOver;

    /// <summary>Begins a fetch.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="plan">What is asked of them.</param>
    /// <param name="avoid">Those that are asked last.</param>
    /// <param name="span">The fetch's span; null while nobody listens.</param>
    public FetchDriver(Fleet fleet, RequestPlan plan, SiteSet avoid, Activity? span)
    {
        Fleet = fleet;
        Plan = plan;
        Span = span;
        _wakeup = fleet.Tools.RentWakeup();
        _fetch = new MirrorFetch(fleet.Desk, plan.ToFetchRequest(), fleet.Now) { Avoid = avoid };
    }

    /// <summary>The mirrors.</summary>
    public Fleet Fleet { get; }

    /// <summary>What is asked of them.</summary>
    public RequestPlan Plan { get; }

    /// <summary>The fetch's span.</summary>
    public Activity? Span { get; }

    /// <summary>All attempts so far; to be read when the fetch is over.</summary>
    public IReadOnlyList<AttemptRun> Runs => _runs;

    /// <summary>Runs the fetch.</summary>
    /// <param name="cancellationToken">Gives it up, with all its attempts.</param>
    /// <returns>What a mirror brought, to be disposed of; null where none brought it.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<FetchResult?> RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration caller = cancellationToken.UnsafeRegister(
            static wakeup => ((Wakeup)wakeup!).Set(), _wakeup);
        return await LoopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nobody waits any more: a race that was won goes on for its samples, all else is
    /// given up.</summary>
    public void Dispose()
    {
        Dismiss();
        if (_winner is not null && _runs.Exists(run => run.Attempt.IsLive))
        {
            _ = DrainAsync();
            return;
        }

        Abandon();
        Fleet.Tools.Return(_wakeup);
    }

    /// <summary>A connection had to be made, and is ready.</summary>
    /// <param name="run">The attempt that it was made for.</param>
    public void TakeConnection(AttemptRun run)
    {
        lock (_gate)
        {
            // A request may have been sent over another connection that became free before.
            if (run.Attempt.IsLive && double.IsPositiveInfinity(run.Attempt.HeadAt))
            {
                _fetch.OnConnected(run.Attempt, Fleet.Now);
            }
        }
    }

    /// <summary>The head of a good answer has come.</summary>
    /// <param name="run">The attempt.</param>
    /// <returns>Whether its body is still wanted.</returns>
    public bool TakeHead(AttemptRun run)
    {
        lock (_gate)
        {
            if (run.Attempt.IsLive)
            {
                _fetch.OnHead(run.Attempt, Fleet.Now);
            }

            return run.Attempt.IsLive;
        }
    }

    /// <summary>Bytes of a body have come.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="count">How many.</param>
    public void TakeBytes(AttemptRun run, int count)
    {
        lock (_gate)
        {
            if (run.Attempt.IsLive)
            {
                _fetch.OnBytes(run.Attempt, count, Fleet.Now);
            }
        }

        Plan.Progress?.Invoke(count);
    }

    /// <summary>An attempt has brought what was asked for.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="result">What it brought.</param>
    /// <returns>Whether it was taken; otherwise it still belongs to the attempt.</returns>
    public bool Deliver(AttemptRun run, FetchResult result)
    {
        bool isTaken = false;
        lock (_gate)
        {
            if (!run.Attempt.IsLive)
            {
                return false;
            }

            _fetch.OnEnded(run.Attempt, AttemptOutcome.Delivered, Fleet.Now);
            if (!_isOver && _winner is null)
            {
                (_winner, _result, isTaken) = (run, result, true);
                BeginStream(result);
            }
        }

        FetchNotes.Ended(Fleet, run, isWasted: !isTaken);
        _wakeup.Set();
        return isTaken;
    }

    /// <summary>An attempt has brought what is right and too old: better than nothing.</summary>
    /// <inheritdoc cref="Deliver"/>
    public bool KeepStale(AttemptRun run, FetchResult result)
    {
        bool isKept;
        lock (_gate)
        {
            isKept = run.Attempt.IsLive && !_isOver && _stale is null;
            _stale = isKept ? result : _stale;
        }

        End(run, AttemptOutcome.Stale);
        return isKept;
    }

    /// <summary>An attempt has failed.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="outcome">How.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    public void End(AttemptRun run, AttemptOutcome outcome, double retryAfter = 0)
    {
        lock (_gate)
        {
            if (!run.Attempt.IsLive)
            {
                return;
            }

            _fetch.OnEnded(run.Attempt, outcome, Fleet.Now, retryAfter);
        }

        FetchNotes.Ended(Fleet, run, isWasted: true);
        _wakeup.Set();
    }

    /// <summary>Something was thrown that no network throws.</summary>
    /// <param name="fault">The mistake.</param>
    public void Fault(Exception fault)
    {
        _fault ??= fault;
        _wakeup.Set();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FetchResult?> LoopAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ThrowFault();
            switch (Ask())
            {
                case { Kind: FetchActionKind.Send, Attempt: { } attempt }:
                    Send(attempt);
                    break;
                case { Kind: FetchActionKind.Cancel, Attempt: { } attempt }:
                    Cancel(attempt);
                    break;
                case { Kind: FetchActionKind.Succeed }:
                    return Take(ref _result);
                case { Kind: FetchActionKind.Fail }:
                    return Take(ref _stale);
                case { Due: var due }:
                    await _wakeup.WaitAsync(due - Fleet.Now).ConfigureAwait(false);
                    break;
            }
        }
    }

    private FetchAction Ask()
    {
        lock (_gate)
        {
            return _fetch.Next(Fleet.Now);
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

    private void Send(Attempt attempt)
    {
        AttemptRun run = new(this, attempt, FetchNotes.ReasonOf(attempt, _runs.Count));
        _runs.Add(run);
        FetchNotes.Sent(Fleet, run);
        Plan.Progress?.Invoke(0);
        _ = run.RunAsync();
    }

    private void Cancel(Attempt attempt)
    {
        AttemptRun run = _runs.Find(run => run.Attempt == attempt)!;
        run.Fact ??= FetchNotes.DescribeEnd(attempt, Fleet.Now);
        FetchNotes.Ended(Fleet, run, isWasted: true);
        run.Cancel();
    }

    private void BeginStream(FetchResult result)
    {
        if (result.Stream is not null)
        {
            Fleet.Desk.StreamBegan(result.Site, Fleet.Now);
        }
    }

    private void ThrowFault()
    {
        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }
    }

    private void Abandon()
    {
        List<AttemptRun> abandoned;
        lock (_gate)
        {
            abandoned = _runs.FindAll(run => run.Attempt.IsLive);
            _fetch.Abandon(Fleet.Now);
        }

        foreach (AttemptRun run in abandoned)
        {
            run.Fact ??= "was given up";
            FetchNotes.Ended(Fleet, run, isWasted: true);
            run.Cancel();
        }
    }

    private void Dismiss()
    {
        FetchResult? unused;
        FetchResult? stale;
        lock (_gate)
        {
            _isOver = true;
            (unused, stale, _result, _stale) = (_result, _stale, null, null);
        }

        if (unused?.Stream is not null)
        {
            Fleet.Desk.StreamEnded(unused.Site, AttemptOutcome.Abandoned, 0, 0, Fleet.Now);
        }

        unused?.Dispose();
        stale?.Dispose();
    }

    private async Task DrainAsync()
    {
        while (_runs.Exists(run => run.Attempt.IsLive) && !Fleet.Tools.Stop.IsCancellationRequested)
        {
            if (Ask() is { Kind: FetchActionKind.Cancel, Attempt: { } late })
            {
                Cancel(late);
            }
            else
            {
                await _wakeup.WaitAsync(DrainInterval).ConfigureAwait(false);
            }
        }

        Abandon();
        Fleet.Tools.Return(_wakeup);
    }
}
