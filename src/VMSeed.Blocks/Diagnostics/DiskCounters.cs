using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Diagnostics;

/// <summary>What one disk has done, counted for its own statistics and for the meter.</summary>
internal sealed class DiskCounters
{
    private long _requests;
    private long _requestedBytes;
    private long _failures;
    private long _hits;
    private long _misses;
    private long _heals;
    private long _prefetched;

    public void CountRequest(long length, object purpose)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _requestedBytes, length);
        DiskMeter.Requests.Add(1, new KeyValuePair<string, object?>("purpose", purpose));
        DiskMeter.RequestedBytes.Add(length);
    }

    public void CountFailure(BlockIOException failure)
    {
        Interlocked.Increment(ref _failures);
        DiskMeter.Failures.Add(
            1, new KeyValuePair<string, object?>("reason", failure.Reason));
    }

    public void CountHit()
    {
        Interlocked.Increment(ref _hits);
        DiskMeter.Hits.Add(1);
    }

    public void CountMisses(int count)
    {
        Interlocked.Add(ref _misses, count);
        DiskMeter.Misses.Add(count);
    }

    public void CountHeal()
    {
        Interlocked.Increment(ref _heals);
        DiskMeter.Heals.Add(1);
    }

    public void CountPrefetched(int count)
    {
        Interlocked.Add(ref _prefetched, count);
        DiskMeter.Prefetched.Add(count);
    }

    public DiskStatistics Snapshot() => new(
        Volatile.Read(ref _requests),
        Volatile.Read(ref _requestedBytes),
        Volatile.Read(ref _failures),
        Volatile.Read(ref _hits),
        Volatile.Read(ref _misses),
        Volatile.Read(ref _prefetched),
        Volatile.Read(ref _heals));
}
