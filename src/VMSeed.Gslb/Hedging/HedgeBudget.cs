namespace VMSeed.Gslb.Hedging;

/// <summary>How many hedges there may be: one in twenty requests, and none while requests fail by
/// the dozen.</summary>
/// <remarks>A token bucket, with the brake of gRPC (its proposal A6): extra requests to servers
/// that fail under their load would bring them down.</remarks>
internal sealed class HedgeBudget
{
    // Extra load in the long run. Measured use is near a fifth of it.
    private const double Share = 0.05;

    // A burst: the best site fails while a dozen requests are on their way to it.
    private const double Most = 10;
    private const double First = 3;

    // The share of failures, over some twenty requests, beyond which nothing is hedged.
    private const double MostFailures = 0.5;
    private const double FailureGain = 0.05;

    private double _tokens = First;
    private double _failures;

    /// <summary>A request begins.</summary>
    public void Deposit() => _tokens = Math.Min(_tokens + Share, Most);

    /// <summary>A request has ended.</summary>
    /// <param name="hasFailed">Whether it failed.</param>
    public void Note(bool hasFailed) =>
        _failures += FailureGain * ((hasFailed ? 1 : 0) - _failures);

    /// <summary>Takes the price of one hedge.</summary>
    /// <returns>False where there is none to be had.</returns>
    public bool TrySpend()
    {
        if (_tokens < 1 || _failures > MostFailures)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
