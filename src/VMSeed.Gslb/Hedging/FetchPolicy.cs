namespace VMSeed.Gslb.Hedging;

/// <summary>What a fetch may cost.</summary>
internal sealed record FetchPolicy
{
    /// <summary>Milliseconds after which a fetch has failed. The disks of Linux guests time out at
    /// 30 s.</summary>
    public double Deadline { get; init; } = 30_000;

    /// <summary>Attempts of one fetch, hedges among them.</summary>
    public int MostAttempts { get; init; } = 4;
}
