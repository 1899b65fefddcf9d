namespace VMSeed.Disks.Mapping.Filling;

/// <summary>Which blocks are being given their bytes: one writer a block, while others
/// wait.</summary>
internal sealed class BlockClaims
{
    private readonly Dictionary<long, TaskCompletionSource> _claims = [];

    /// <summary>Takes a block to oneself.</summary>
    /// <param name="block">The block's number.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>A task that is done when the block is the caller's, until
    /// <see cref="Release"/>.</returns>
    public async ValueTask ClaimAsync(long block, CancellationToken cancellationToken)
    {
        while (TryClaim(block) is { } other)
        {
            await other.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets the next writer have the block.</summary>
    public void Release(long block)
    {
        TaskCompletionSource? claim;
        lock (_claims)
        {
            _claims.Remove(block, out claim);
        }

        claim!.SetResult();
    }

    private Task? TryClaim(long block)
    {
        lock (_claims)
        {
            if (_claims.TryGetValue(block, out TaskCompletionSource? other))
            {
                return other.Task;
            }

            _claims.Add(block, new(TaskCreationOptions.RunContinuationsAsynchronously));
            return null;
        }
    }
}
