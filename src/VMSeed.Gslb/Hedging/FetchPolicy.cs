namespace VMSeed.Gslb.Hedging;

/// <summary>What a fetch may cost.</summary>
internal sealed record FetchPolicy
{
    /// <summary>The usual deadline, in milliseconds: the disks of Linux guests time out at
    /// 30 s.</summary>
    public const double UsualDeadline = 30_000;

    /// <summary>The usual number of attempts: what three mirrors could not deliver, the fourth
    /// seldom does.</summary>
    public const int UsualAttempts = 4;

    /// <summary>Milliseconds after which a fetch has failed.</summary>
    public double Deadline { get; init; } = UsualDeadline;

    /// <summary>Attempts of one fetch, hedges among them.</summary>
    public int MostAttempts { get; init; } = UsualAttempts;

    /// <summary>Hedges for each request, in the long run.</summary>
    public double HedgeShare { get; init; } = HedgeBudget.UsualShare;

    /// <summary>Retries for each request, beside those that there may be in any case.</summary>
    public double RetryShare { get; init; } = RetryBudget.UsualShare;
}
