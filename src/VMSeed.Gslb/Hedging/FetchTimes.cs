using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Hedging;

/// <summary>When an attempt is late, when it is given up, and how long a failure is waited
/// after.</summary>
internal static class FetchTimes
{
    // The hedge of a site that has not been measured: as the Happy Eyeballs of RFC 8305, in the
    // dimension of a round trip around half the world.
    private const double UnknownHedgeDelay = 250;
    private const double RaceDelay = 50;

    // Milliseconds in which any answer may be late for reasons of this machine.
    private const double LeastHedgeDelay = 20;
    private const double FirstBackoff = 25;

    /// <summary>Milliseconds after which a hedge that the budget had not is asked for again: what
    /// twenty fetches deposit meanwhile is its price. Shorter: late fetches wake up for nothing.
    /// Longer: a reader waits for a hedge that has long been there.</summary>
    public const double HedgePause = 25;

    // A head that takes four times as long as was predicted does not come; on a near site that is
    // no time at all, and on a far one fixed bounds of a second would be too short.
    private const double DeadlineFactor = 4;
    private const double ShortestDeadline = 750;
    private const double LongestDeadline = 5_000;

    // Where nothing is known: a first packet that is lost is sent again after a second (RFC 6298
    // section 2), and is still in time.
    private const double UnknownDeadline = 2_000;

    // Milliseconds without a byte of a body; and how many times slower than predicted a body may
    // be.
    private const double LongestSilence = 1_000;
    private const double SlowestShare = 8;

    // Bytes per millisecond in any case: less than a modem's is no line.
    private const double SlowestSpeed = 4;

    /// <summary>When an attempt must be done.</summary>
    /// <remarks>Fixed bounds of a second are harmful on far lines.</remarks>
    public static double DeadlineOf(in SiteChoice choice, double now) =>
        now + (choice.Site.Estimate.IsKnown
            ? Math.Clamp(DeadlineFactor * choice.Predicted, ShortestDeadline, LongestDeadline)
            : UnknownDeadline);

    /// <summary>When an attempt is given up, unless bytes come before.</summary>
    /// <remarks>Before the head: at its deadline. A body may take as long as it likes while it
    /// comes at an eighth of its line's speed at least: a slow line is no fault.</remarks>
    public static double DueOf(Attempt attempt)
    {
        if (double.IsPositiveInfinity(attempt.HeadAt))
        {
            return attempt.Deadline;
        }

        double trip = attempt.Site.Estimate.Trip;
        double stalled = attempt.ProgressAt + Math.Max(LongestSilence, 4 * trip);
        double slowest = Math.Max(attempt.Speed / SlowestShare, SlowestSpeed);
        double slow = attempt.HeadAt + (attempt.Received / slowest);
        return Math.Min(stalled, Math.Max(attempt.Deadline, slow));
    }

    /// <summary>Milliseconds after which an attempt is late.</summary>
    /// <remarks>An experiment is made while nobody waits. Where somebody has come to, it is late
    /// at once: how far the site is from the best one was to be learnt, and not at the cost of
    /// whoever waits.</remarks>
    /// <param name="choice">Its site.</param>
    /// <param name="request">For what.</param>
    /// <param name="factor">How much longer than predicted nearly all fetches take.</param>
    /// <returns>The delay; infinite where nobody waits.</returns>
    public static double HedgeDelayOf(
        in SiteChoice choice, in FetchRequest request, double factor) =>
        request.Class switch
        {
            FetchClass.Prefetch => double.PositiveInfinity,
            FetchClass.Head when !choice.Site.Estimate.IsKnown => RaceDelay,
            _ when choice.Reason is ChoiceReason.Unmeasured or ChoiceReason.Exploration =>
                LeastHedgeDelay,
            _ when choice.Reason == ChoiceReason.Probation => LeastHedgeDelay,
            _ when !choice.Site.Estimate.IsKnown => UnknownHedgeDelay,
            _ => Math.Max(factor * choice.Predicted, LeastHedgeDelay),
        };

    /// <summary>Whether an attempt that was overtaken tells that its site is gone: another that
    /// began later was done before it, and next to nothing had come of it although a window had
    /// time to open.</summary>
    /// <remarks>One that only came in second lost by chance. So did a trial in probation, which is
    /// hedged before it can be done, unless it said nothing for longer than was
    /// predicted.</remarks>
    /// <param name="attempt">The attempt, ended.</param>
    /// <param name="now">The time.</param>
    /// <returns>True where it does.</returns>
    public static bool IsLoss(Attempt attempt, double now)
    {
        if (attempt is not { Outcome: AttemptOutcome.Overtaken, IsLate: true }
            || now - attempt.SentAt < attempt.Predicted)
        {
            return false;
        }

        double opening = Math.Max(4 * attempt.Site.Estimate.Trip, LeastHedgeDelay);
        return double.IsPositiveInfinity(attempt.HeadAt)
            || (attempt.Reason != ChoiceReason.Probation
                && attempt.Received * SlowestShare
                    < attempt.Speed * (now - attempt.HeadAt - opening));
    }

    /// <summary>Milliseconds to wait after a failure, with full jitter.</summary>
    /// <param name="attempts">Attempts so far.</param>
    /// <param name="chance">From 0 to 1.</param>
    /// <returns>The wait; none before the second attempt.</returns>
    public static double BackoffOf(int attempts, double chance) =>
        attempts < 2 ? 0 : FirstBackoff * (1 << Math.Min(attempts, 6)) * (0.1 + chance);
}
