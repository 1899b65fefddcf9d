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
/// One loop asks the machine and sleeps; attempts run beside it and wake it. An attempt that the
/// machine has ended is told to stop and is not waited for: it cleans up after itself.
/// </remarks>
internal sealed class FetchDriver : IDisposable
{
    // How often the rest of a race is looked at, in milliseconds: only its deadlines matter.
    private const double DrainInterval = 250;

    private readonly List<AttemptRun> _runs = [];
    private readonly Wakeup _wakeup;
    private readonly SharedFetch _fetch;
    private Exception? _fault;

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
        _fetch = new SharedFetch(fleet, plan, avoid);
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
        _fetch.Close();
        if (_fetch.IsWon && _runs.Exists(run => run.Attempt.IsLive))
        {
            _ = DrainAsync();
            return;
        }

        Abandon();
        Fleet.Tools.Return(_wakeup);
    }

    /// <summary>A connection had to be made, and is ready.</summary>
    /// <param name="run">The attempt that it was made for.</param>
    public void TakeConnection(AttemptRun run) => _fetch.TakeConnection(run.Attempt);

    /// <summary>The head of a good answer has come.</summary>
    /// <param name="run">The attempt.</param>
    /// <returns>Whether its body is still wanted.</returns>
    public bool TakeHead(AttemptRun run) => _fetch.TakeHead(run.Attempt);

    /// <summary>Bytes of a body have come.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="count">How many.</param>
    public void TakeBytes(AttemptRun run, int count)
    {
        _fetch.TakeBytes(run.Attempt, count);
        Plan.Progress?.Invoke(count);
    }

    /// <summary>An attempt has brought what was asked for.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="result">What it brought.</param>
    /// <returns>Whether it was taken; otherwise it still belongs to the attempt.</returns>
    public bool Deliver(AttemptRun run, FetchResult result)
    {
        if (_fetch.Deliver(run.Attempt, result, out bool isTaken))
        {
            FetchNotes.Ended(Fleet, run, isWasted: !isTaken);
            _wakeup.Set();
        }

        return isTaken;
    }

    /// <summary>An attempt has brought what is right and too old: better than nothing.</summary>
    /// <inheritdoc cref="Deliver"/>
    public bool KeepStale(AttemptRun run, FetchResult result)
    {
        bool isKept = _fetch.KeepStale(run.Attempt, result);
        End(run, AttemptOutcome.Stale);
        return isKept;
    }

    /// <summary>An attempt has failed.</summary>
    /// <param name="run">The attempt.</param>
    /// <param name="outcome">How.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    public void End(AttemptRun run, AttemptOutcome outcome, double retryAfter = 0)
    {
        if (_fetch.End(run.Attempt, outcome, retryAfter))
        {
            FetchNotes.Ended(Fleet, run, isWasted: true);
            _wakeup.Set();
        }
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
            switch (_fetch.Next())
            {
                case { Kind: FetchActionKind.Send, Attempt: { } attempt }:
                    Send(attempt);
                    break;
                case { Kind: FetchActionKind.Cancel, Attempt: { } attempt }:
                    Cancel(attempt);
                    break;
                case { Kind: FetchActionKind.Succeed }:
                    return _fetch.Take();
                case { Kind: FetchActionKind.Fail }:
                    return _fetch.TakeStale();
                case { Due: var due }:
                    await _wakeup.WaitAsync(due - Fleet.Now).ConfigureAwait(false);
                    break;
            }
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

    private void ThrowFault()
    {
        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }
    }

    private void Abandon()
    {
        foreach (AttemptRun run in _fetch.Abandon(_runs))
        {
            run.Fact ??= "was given up";
            FetchNotes.Ended(Fleet, run, isWasted: true);
            run.Cancel();
        }
    }

    private async Task DrainAsync()
    {
        while (_runs.Exists(run => run.Attempt.IsLive) && !Fleet.Tools.Stop.IsCancellationRequested)
        {
            if (_fetch.Next() is { Kind: FetchActionKind.Cancel, Attempt: { } late })
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
