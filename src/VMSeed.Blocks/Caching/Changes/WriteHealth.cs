using Microsoft.Extensions.Logging;

namespace VMSeed.Blocks.Caching.Changes;

/// <summary>Whether the cache takes blocks at the moment. A disk that refuses is said once, and
/// asked again later.</summary>
/// <param name="time">When to ask again.</param>
/// <param name="logger">Told when it changes.</param>
internal sealed class WriteHealth(TimeProvider time, ILogger logger)
{
    // A full disk stays full for minutes; one try in this time costs nothing and is soon enough.
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    private long _failedAt;
    private volatile bool _failed;

    /// <summary>Whether blocks are taken, or may be tried again.</summary>
    public bool MayTry => !_failed || time.GetElapsedTime(Volatile.Read(ref _failedAt)) >= s_rest;

    /// <summary>Whether the last blocks were taken.</summary>
    public bool IsGood => !_failed;

    /// <summary>Blocks were not taken.</summary>
    /// <param name="cause">What the disk said.</param>
    public void Fail(Exception cause)
    {
        Volatile.Write(ref _failedAt, time.GetTimestamp());
        if (!_failed)
        {
            logger.LogWarning(
                "The cache takes no more blocks for now; reads go on without it. {Cause}",
                cause.Message);
        }

        _failed = true;
    }

    /// <summary>Blocks were taken.</summary>
    public void Succeed()
    {
        if (_failed)
        {
            logger.LogInformation("The cache takes blocks again.");
            _failed = false;
        }
    }
}
