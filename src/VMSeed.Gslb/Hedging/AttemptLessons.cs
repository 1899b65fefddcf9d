using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Hedging;

/// <summary>What the end of an attempt teaches of its site's times.</summary>
internal static class AttemptLessons
{
    /// <summary>Learns.</summary>
    /// <param name="attempt">The attempt, ended; its site no longer counts it.</param>
    /// <param name="delays">How much longer than predicted fetches take.</param>
    /// <param name="now">The time.</param>
    public static void Learn(Attempt attempt, DelayWindow delays, double now)
    {
        double ready = attempt.SentAt + attempt.Connecting;
        switch (attempt.Outcome)
        {
            case AttemptOutcome.Delivered:
                TakeDelivery(attempt, attempt.HeadAt - ready, now);
                if (attempt.IsKnown)
                {
                    delays.Take((now - attempt.SentAt) / attempt.Predicted);
                }

                break;
            case AttemptOutcome.Overtaken when IsLowerBound(attempt):
                attempt.Site.Estimate.TakeLowerBound(now - ready, now);
                break;
            case AttemptOutcome.Overtaken when IsFirstImpression(attempt):
                attempt.Site.Estimate.TakeFirstByte(attempt.HeadAt - ready, now);
                attempt.Site.Estimate.TakeBody(
                    attempt.Received, now - attempt.HeadAt, attempt.Terms);
                break;
            case AttemptOutcome.Broken or AttemptOutcome.TimedOut or AttemptOutcome.ServerError:
                attempt.Site.Estimate.Punish();
                if (attempt.Received > 0)
                {
                    // Or else a line that became slow would never be believed to be.
                    attempt.Site.Estimate.TakeBody(
                        attempt.Received, now - attempt.HeadAt, attempt.Terms);
                }

                break;
            default:
                break;
        }
    }

    // A hedge that lost at once makes its site look quick until it is asked, which is how a site
    // that nobody has measured is found where nothing is prefetched. But those that a search asked
    // side by side are not to be asked next for what one of them has brought.
    private static bool IsLowerBound(Attempt attempt) =>
        attempt.Received == 0 && (attempt.IsKnown || !attempt.IsSearch);

    // Of a site that nobody knew, the part of a body that came before another brought the whole is
    // what there is: without it the site would be tried again and again.
    private static bool IsFirstImpression(Attempt attempt) =>
        !attempt.Site.Estimate.IsKnown && double.IsFinite(attempt.HeadAt);

    private static void TakeDelivery(Attempt attempt, double firstByte, double now)
    {
        Site site = attempt.Site;
        site.Estimate.TakeFirstByte(firstByte, now);
        site.Estimate.TakeBody(attempt.Received, now - attempt.HeadAt, attempt.Terms);
        site.Connections.Return(now);
        site.Limit.Succeed(site.InFlight + 1, firstByte, site.Estimate.RoundTrip);
    }
}
