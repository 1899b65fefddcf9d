namespace VMSeed.Blocks.Reading;

/// <summary>How long a read goes on trying.</summary>
/// <param name="Deadline">From a read's first failure to its error.</param>
/// <param name="FirstDelay">Before the second try, on average.</param>
/// <param name="MaxDelay">Between two tries, unless the server asks for more.</param>
internal sealed record ReadPolicy(TimeSpan Deadline, TimeSpan FirstDelay, TimeSpan MaxDelay)
{
    // The first delay is about the round trip to another continent; the last is short enough that a
    // server that is back is found within a few seconds.
    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _maxDelay = TimeSpan.FromSeconds(5);

    /// <summary>The usual delays, up to a deadline.</summary>
    public static ReadPolicy Until(TimeSpan deadline) => new(deadline, _firstDelay, _maxDelay);
}
