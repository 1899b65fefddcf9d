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
internal sealed class PrefetchGate
{
    /// <summary>
    /// Prefetch requests at once. Measured elsewhere: 4 to 8 in flight are the knee; more is
    /// slower.
    /// </summary>
    public const int MaxPrefetches = 4;

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

            return new Pass(this, purpose);
        }

        TaskCompletionSource? turn = null;
        lock (_lock)
        {
            bool wanted = run.Frames.Exists(f => f.Flights.Exists(flight => flight.Wanted));
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

    /// <summary>Lets all waiting prefetches through: a reader waits for one of them.</summary>
    public void Promote()
    {
        lock (_lock)
        {
            ReleaseUnsynchronized(all: true);
        }
    }

    private bool MayStartUnsynchronized() => _foreground == 0 && _prefetches < MaxPrefetches;

    private void Exit(ReadPurpose purpose)
    {
        lock (_lock)
        {
            if (purpose == ReadPurpose.Foreground)
            {
                _foreground--;
            }
            else
            {
                _prefetches--;
            }

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
