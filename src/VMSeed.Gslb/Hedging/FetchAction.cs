namespace VMSeed.Gslb.Hedging;

/// <summary>The next step of a fetch.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Attempt">Whom it is about; null for a wait, and for a failure before any
/// attempt.</param>
/// <param name="Due">For a wait: when to ask again, in milliseconds of the selector's
/// clock; infinite where only an event can change anything.</param>
internal readonly record struct FetchAction(
    FetchActionKind Kind, Attempt? Attempt, double Due = double.PositiveInfinity);
