namespace VMSeed.Testing.Servers.Proxies;

/// <summary>How a line is at one moment.</summary>
public sealed record ProxyCondition
{
    /// <summary>The time of a packet to the server and back.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>The most by which an answer is late beside that, by chance.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>What all connections together get of bodies; 0 for no bound.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>What is wrong.</summary>
    public ProxyFault Fault { get; init; }

    /// <summary>How long a server that is <see cref="ProxyFault.Busy"/> wishes to be left
    /// alone.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
