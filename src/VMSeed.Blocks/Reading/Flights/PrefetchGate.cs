using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>Keeps prefetch out of the way: foreground requests pass, guesses wait their
/// turn.</summary>
/// <remarks>
/// A prefetch starts while no foreground request is on the line, or among a few others at the most.
/// What has started goes on: its bytes in flight are bounded by <see cref="MaxPrefetches"/>
/// requests of at most 1 MiB. When a reader joins a prefetch that waits here, all that wait are let
/// through: the windows are small, and the wanted one must not queue behind its neighbours.
/// </remarks>
internal sealed class PrefetchGate : IDisposable
{
    /// <summary>
    /// Foreground requests at once: fewer, with the prefetches, than a server's connections,
    /// because the time that a request waits for one counts as the server's silence. A wide
    /// scattered read queues here instead, where nothing is counted.
    /// </summary>
    public const int MaxForeground = 8;

    /// <summary>
    /// Prefetch requests at once. Measured elsewhere: 4 to 8 in flight are the knee; more is
    /// slower.
    /// </summary>
    public const int MaxPrefetches = 4;

    private readonly SemaphoreSlim _lanes = new(MaxForeground);
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _foreground;
    private int _prefetches;

    /// <summary>Waits for the right to send a request.</summary>
    public async ValueTask<Pass> EnterAsync(
        FrameRun run, ReadPurpose purpose, CancellationToken cancellationToken)
    {
        if (purpose == ReadPurpose.Foreground)
        {
            lock (_lock)
            {
                _foreground++;
            }

            return await EnterLaneAsync(cancellationToken).ConfigureAwait(false);
        }

        TaskCompletionSource? turn = null;
        lock (_lock)
        {
            bool wanted = run.IsWanted;
            if (!wanted && !MayStartUnsynchronized())
            {
                turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.AddLast(turn);
            }
            else
            {
                _prefetches++;
            }
        }

        if (turn is not null)
        {
            await turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return new Pass(this, purpose);
    }

    /// <inheritdoc/>
    public void Dispose() => _lanes.Dispose();

    /// <summary>Lets all waiting prefetches through: a reader waits for one of them.</summary>
    public void Promote()
    {
        lock (_lock)
        {
            ReleaseUnsynchronized(all: true);
        }
    }

    // Counted as foreground while it queues, so that no prefetch starts before it.
    private async ValueTask<Pass> EnterLaneAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lanes.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            LeaveForeground();
            throw;
        }

        return new Pass(this, ReadPurpose.Foreground);
    }

    private void LeaveForeground()
    {
        lock (_lock)
        {
            _foreground--;
            ReleaseUnsynchronized(all: false);
        }
    }

    private bool MayStartUnsynchronized() => _foreground == 0 && _prefetches < MaxPrefetches;

    private void Exit(ReadPurpose purpose)
    {
        if (purpose == ReadPurpose.Foreground)
        {
            _lanes.Release();
            LeaveForeground();
            return;
        }

        lock (_lock)
        {
            _prefetches--;
            ReleaseUnsynchronized(all: false);
        }
    }

    private void ReleaseUnsynchronized(bool all)
    {
        while (_waiting.First is { } first && (all || MayStartUnsynchronized()))
        {
            _waiting.RemoveFirst();
            if (first.Value.TrySetResult())
            {
                _prefetches++;
            }
        }
    }

    /// <summary>The right to have a request on the line.</summary>
    internal readonly struct Pass(PrefetchGate gate, ReadPurpose purpose) : IDisposable
    {
        public void Dispose() => gate.Exit(purpose);
    }
}
