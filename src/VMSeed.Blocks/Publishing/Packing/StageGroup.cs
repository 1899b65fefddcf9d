using System.Runtime.ExceptionServices;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Stages of a pipeline that stand and fall together: the first failure stops the
/// others.</summary>
internal sealed class StageGroup(CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop =
        CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

    private readonly List<Task> _stages = [];
    private ExceptionDispatchInfo? _first;

    /// <summary>Starts a stage on a thread of the pool.</summary>
    public void Start(Func<CancellationToken, Task> stage) =>
        _stages.Add(Task.Run(() => RunAsync(stage), CancellationToken.None));

    /// <summary>Waits until all have ended, and throws what the first to fail threw.</summary>
    public async Task JoinAsync()
    {
        await Task.WhenAll(_stages).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _first?.Throw();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_stages).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(Func<CancellationToken, Task> stage)
    {
        try
        {
            await stage(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(fault), null);
            await _stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }
}
