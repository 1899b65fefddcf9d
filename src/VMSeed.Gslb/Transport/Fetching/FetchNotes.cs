using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>What a fetch tells whoever watches: instruments, log lines.</summary>
internal static class FetchNotes
{
    private const string Choice = "choice";
    private const string Hedge = "hedge";
    private const string Retry = "retry";

    private static readonly string[] _choices =
    [
        .. Enum.GetNames<ChoiceReason>().Select(name => name.ToLowerInvariant()),
    ];

    /// <summary>Why an attempt is made.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="before">How many its fetch has made before.</param>
    /// <returns>A tag.</returns>
    public static string ReasonOf(Attempt attempt, int before) =>
        attempt.IsHedge ? Hedge : before > 0 ? Retry : Choice;

    /// <summary>Why a site was chosen.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>A tag.</returns>
    public static string NameOf(ChoiceReason reason) => _choices[(int)reason];

    /// <summary>An attempt begins.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="run">The attempt.</param>
    public static void Sent(Fleet fleet, AttemptRun run)
    {
        fleet.Asked(run.Attempt.Site, run.Attempt.Reason);
        MirrorMeter.Attempts.Add(1, new("mirror", run.Name), new("reason", run.Reason));
        if (run.Reason == Hedge)
        {
            MirrorMeter.Hedges.Add(1);
        }
        else if (run.Reason == Retry)
        {
            MirrorMeter.Retries.Add(1);
        }
    }

    /// <summary>An attempt has ended, by itself or not.</summary>
    /// <param name="fleet">The mirrors.</param>
    /// <param name="run">The attempt.</param>
    /// <param name="isWasted">Whether nobody gets what it brought.</param>
    public static void Ended(Fleet fleet, AttemptRun run, bool isWasted)
    {
        AttemptOutcome outcome = run.Attempt.Outcome;
        MirrorMeter.Outcomes.Add(
            1, new("mirror", run.Name), new("outcome", OutcomeNames.Of(outcome)));
        CountBytes(run.Name, run.Attempt.Received, isWasted);
        fleet.Ended(run.Attempt.Site, outcome, run.Fact);
        if (outcome > AttemptOutcome.Abandoned)
        {
            fleet.Tools.Log.AttemptFailed(
                run.Name, run.Path, run.Fact ?? OutcomeNames.Of(outcome));
        }
    }

    /// <summary>Bytes have come from a mirror.</summary>
    /// <param name="mirror">The mirror.</param>
    /// <param name="count">How many.</param>
    /// <param name="isWasted">Whether nobody gets them.</param>
    public static void CountBytes(string mirror, long count, bool isWasted)
    {
        MirrorMeter.Bytes.Add(count, new KeyValuePair<string, object?>("mirror", mirror));
        if (isWasted)
        {
            MirrorMeter.WastedBytes.Add(count, new KeyValuePair<string, object?>("mirror", mirror));
        }
    }

    /// <summary>Why the state machine gave an attempt up.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="now">The time.</param>
    /// <returns>The end of a sentence that begins with the mirror.</returns>
    public static string DescribeEnd(Attempt attempt, double now)
    {
        if (attempt.Outcome == AttemptOutcome.Overtaken)
        {
            return "was overtaken";
        }

        string what = double.IsPositiveInfinity(attempt.HeadAt)
            ? "did not answer"
            : $"sent {attempt.Received} bytes";
        return FormattableString.Invariant(
            $"{what} in {now - attempt.SentAt:0} ms, the last {now - attempt.ProgressAt:0} silent");
    }
}
