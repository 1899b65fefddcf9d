using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Decides, for one request, whether and when a failed try is made again.</summary>
/// <remarks>
/// Unavailable: again after a delay that doubles, with full jitter so that many clients of a server
/// that comes back do not come back at once, or after the server's Retry-After, until the deadline.
/// Corrupt and missing: once more, past the caches on the way, at once; what the origin itself
/// says twice is final. Refused: final. A prefetch is never made again: nobody waits for it.
/// </remarks>
internal sealed class RetrySchedule(
    ReadPolicy policy, TimeProvider time, Func<double> random, ReadPurpose purpose)
{
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _delay = policy.FirstDelay;

    /// <summary>Whether caches on the way are to be passed over.</summary>
    public bool PastCaches { get; private set; }

    /// <summary>Waits until the next try may be made.</summary>
    /// <returns>False when there is to be none.</returns>
    public async ValueTask<bool> WaitAsync(
        BlockIOException failure, CancellationToken cancellationToken)
    {
        if (purpose == ReadPurpose.Prefetch)
        {
            return false;
        }

        if (failure.Reason is FailureReason.Missing || IsCorrupt(failure))
        {
            bool again = !PastCaches;
            PastCaches = true;
            return again;
        }

        if (!failure.CanRetry)
        {
            return false;
        }

        // A server that asks for no wait at all is not asked in a tight loop for that.
        TimeSpan delay = failure.RetryAfter is { } wish && wish > TimeSpan.Zero
            ? wish
            : _delay * 2 * random();
        _delay = _delay * 2 < policy.MaxDelay ? _delay * 2 : policy.MaxDelay;
        if (time.GetElapsedTime(_start) + delay >= policy.Deadline)
        {
            return false;
        }

        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static bool IsCorrupt(BlockIOException failure) =>
        failure.Reason == FailureReason.Corrupt && failure.CanRetry;
}
