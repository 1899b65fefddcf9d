namespace VMSeed.Blocks.Overlay;

/// <summary>Lets one at a time into each block of a range; ranges that do not meet do not
/// wait.</summary>
/// <remarks>Those inside are few: as many as writes that allocate at this moment.</remarks>
internal sealed class RangeGate
{
    private readonly Lock _gate = new();
    private readonly List<(long First, long End)> _inside = [];
    private TaskCompletionSource? _left;

    /// <summary>Waits until nobody is in the range, and enters it.</summary>
    internal ValueTask EnterAsync(long first, long end, CancellationToken cancellationToken) =>
        TryEnter(first, end) is { } left ? WaitAsync(left, first, end, cancellationToken) : default;

    /// <summary>Leaves a range that was entered.</summary>
    internal void Leave(long first, long end)
    {
        TaskCompletionSource? left;
        lock (_gate)
        {
            int index = _inside.IndexOf((first, end));
            _inside[index] = _inside[^1];
            _inside.RemoveAt(_inside.Count - 1);
            (left, _left) = (_left, null);
        }

        left?.SetResult();
    }

    // What to wait for before the next try; null when the range has been entered.
    private Task? TryEnter(long first, long end)
    {
        lock (_gate)
        {
            foreach ((long First, long End) other in _inside)
            {
                if (first < other.End && other.First < end)
                {
                    _left ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return _left.Task;
                }
            }

            _inside.Add((first, end));
            return null;
        }
    }

    private async ValueTask WaitAsync(
        Task left, long first, long end, CancellationToken cancellationToken)
    {
        for (Task? next = left; next is not null; next = TryEnter(first, end))
        {
            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
