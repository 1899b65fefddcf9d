namespace VMSeed.Blocks.Reading;

/// <summary>How long a read goes on trying.</summary>
/// <param name="Deadline">From a read's first failure to its error.</param>
/// <param name="FirstDelay">Before the second try, on average.</param>
/// <param name="MaxDelay">Between two tries, unless the server asks for more.</param>
internal sealed record ReadPolicy(TimeSpan Deadline, TimeSpan FirstDelay, TimeSpan MaxDelay);
