using VMSeed.Gslb.Estimation;
using VMSeed.Gslb.Health;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Hedging;

/// <summary>What all fetches of a selector share: the sites, the budgets, the measured
/// delays.</summary>
/// <remarks>Safe for any thread: one lock, held for microseconds.</remarks>
internal sealed class FetchDesk(SiteSelector selector, FetchPolicy policy, Func<double> random)
{
    // The hedge of a site that has not been measured: as the Happy Eyeballs of RFC 8305, in the
    // dimension of a round trip around half the world.
    private const double UnknownHedgeDelay = 250;
    private const double RaceDelay = 50;

    // Milliseconds in which any answer may be late for reasons of this machine.
    private const double LeastHedgeDelay = 20;
    private const double FirstBackoff = 25;

    // A head that takes four times as long as was predicted does not come; on a near site that is
    // no time at all, and on a far one fixed bounds of a second would be too short.
    private const double DeadlineFactor = 4;
    private const double ShortestDeadline = 750;
    private const double LongestDeadline = 5_000;

    // Milliseconds without a byte of a body; and how many times slower than predicted a body may
    // be.
    private const double LongestSilence = 1_000;
    private const double SlowestShare = 8;

    private readonly Lock _gate = new();
    private readonly DelayWindow _delays = new();
    private readonly HedgeBudget _hedges = new(policy.HedgeShare);
    private readonly RetryBudget _retries = new(policy.RetryShare);

    /// <summary>What a fetch may cost.</summary>
    public FetchPolicy Policy => policy;

    /// <summary>Whether the network is held responsible for wrong content.</summary>
    public bool IsInterfered
    {
        get
        {
            lock (_gate)
            {
                return selector.IsInterfered;
            }
        }
    }

    /// <summary>All sites.</summary>
    public IReadOnlyList<Site> Sites => selector.Sites;

    /// <summary>How often another site became the preferred one.</summary>
    public long Switches => selector.Switches;

    /// <summary>Chooses among others from now on.</summary>
    /// <param name="sites">The sites.</param>
    public void SetSites(Site[] sites)
    {
        lock (_gate)
        {
            selector.SetSites(sites);
        }
    }

    /// <summary>Looks at all sites while nothing changes.</summary>
    /// <param name="look">Makes one entry of a site; told whether it is the preferred one.</param>
    /// <returns>The entries, in the order of the sites.</returns>
    public IReadOnlyList<T> Look<T>(Func<Site, bool, T> look)
    {
        lock (_gate)
        {
            return [.. selector.Sites.Select(site => look(site, site == selector.Preferred))];
        }
    }

    /// <inheritdoc cref="SiteSelector.TryChoose"/>
    public bool TryChoose(in FetchRequest request, SiteSet avoid, double now, out SiteChoice choice)
    {
        lock (_gate)
        {
            return selector.TryChoose(request, avoid, now, out choice);
        }
    }

    /// <summary>Whether there is a site in use that is none of these.</summary>
    public bool HasOther(SiteSet asked, double now)
    {
        lock (_gate)
        {
            foreach (Site site in selector.Sites)
            {
                if (!asked.Contains(site) && site.Health.At(now) < SiteCondition.Ejected)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether the budget has a hedge for a request; one is taken from it.</summary>
    public bool MayHedge(in FetchRequest request)
    {
        lock (_gate)
        {
            return request.Class == FetchClass.Head
                || (request.Class == FetchClass.Demand && _hedges.TrySpend());
        }
    }

    /// <summary>Takes the price of a retry.</summary>
    /// <returns>Milliseconds to wait for it; 0 where it has been taken.</returns>
    public double TryRetry(double now)
    {
        lock (_gate)
        {
            return _retries.TrySpend(now);
        }
    }

    /// <summary>A fetch begins.</summary>
    public void Began()
    {
        lock (_gate)
        {
            _hedges.Deposit();
            _retries.Deposit();
        }
    }

    /// <summary>When an attempt must be done.</summary>
    /// <remarks>Fixed bounds of a second are harmful on far lines.</remarks>
    public static double DeadlineOf(in SiteChoice choice, double now) =>
        now + Math.Clamp(DeadlineFactor * choice.Predicted, ShortestDeadline, LongestDeadline);

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
        double slow = attempt.Speed == 0
            ? double.PositiveInfinity
            : attempt.HeadAt + (attempt.Received * SlowestShare / attempt.Speed);
        return Math.Min(stalled, Math.Max(attempt.Deadline, slow));
    }

    /// <summary>Milliseconds after which an attempt is late.</summary>
    public double HedgeDelayOf(in SiteChoice choice, in FetchRequest request) =>
        request.Class switch
        {
            FetchClass.Prefetch => double.PositiveInfinity,
            FetchClass.Head when !choice.Site.Estimate.IsKnown => RaceDelay,
            _ when choice.Reason == ChoiceReason.Probation => LeastHedgeDelay,
            _ when !choice.Site.Estimate.IsKnown => UnknownHedgeDelay,
            _ => Math.Max(_delays.Factor * choice.Predicted, LeastHedgeDelay),
        };

    /// <summary>Milliseconds to wait after a failure, with full jitter.</summary>
    public double Backoff(int attempts) =>
        attempts < 2 ? 0 : FirstBackoff * (1 << Math.Min(attempts, 6)) * (0.1 + random());

    /// <summary>An attempt begins.</summary>
    public void Started(Attempt attempt, double now)
    {
        lock (_gate)
        {
            attempt.Site.InFlight++;
            attempt.Site.Requests++;
            attempt.Site.AskedAt = now;
            attempt.Site.Connections.Take(now);
        }
    }

    /// <summary>A connection was made for an attempt.</summary>
    public void Connected(Attempt attempt)
    {
        lock (_gate)
        {
            attempt.Site.Estimate.TakeConnect(attempt.Connecting);
        }
    }

    /// <summary>An attempt has ended.</summary>
    public void Ended(Attempt attempt, in FetchRequest request, double now, double retryAfter)
    {
        lock (_gate)
        {
            attempt.Site.InFlight--;
            attempt.Site.Bytes += attempt.Received;
            selector.Take(attempt.Site, attempt.Outcome, now, retryAfter);
            _hedges.Note(attempt.Outcome is AttemptOutcome.Broken or AttemptOutcome.TimedOut
                or AttemptOutcome.ServerError or AttemptOutcome.Busy);
            attempt.Site.LateSince = double.PositiveInfinity;
            Learn(attempt, now);
        }
    }

    /// <summary>An attempt is late: others are kept away from its site until it answers.</summary>
    public void Late(Attempt attempt)
    {
        lock (_gate)
        {
            attempt.Site.LateSince = Math.Min(attempt.Site.LateSince, attempt.SentAt);
        }
    }

    /// <summary>A byte has come from an attempt's site.</summary>
    public void Progressed(Attempt attempt)
    {
        lock (_gate)
        {
            attempt.Site.LateSince = double.PositiveInfinity;
        }
    }

    /// <summary>What an attempt had been has turned out after its end.</summary>
    /// <param name="site">The site that is held responsible.</param>
    /// <param name="outcome">For what.</param>
    /// <param name="now">The time.</param>
    public void Blame(Site site, AttemptOutcome outcome, double now)
    {
        lock (_gate)
        {
            selector.Take(site, outcome, now, 0);
        }
    }

    /// <summary>A body that is read as a stream goes on after its head has won the
    /// fetch.</summary>
    /// <param name="site">The site that sends it.</param>
    /// <param name="now">The time.</param>
    public void StreamBegan(Site site, double now)
    {
        lock (_gate)
        {
            site.InFlight++;
            site.AskedAt = now;
        }
    }

    /// <summary>A stream has ended, or has been left for another site's.</summary>
    /// <param name="site">The site.</param>
    /// <param name="outcome">How.</param>
    /// <param name="received">Bytes that it brought.</param>
    /// <param name="waited">Milliseconds that its reader waited for them; what it did with them is
    /// not the site's time.</param>
    /// <param name="now">The time.</param>
    public void StreamEnded(
        Site site, AttemptOutcome outcome, long received, double waited, double now)
    {
        lock (_gate)
        {
            site.InFlight--;
            site.AskedAt = now;
            site.Bytes += received;
            selector.Take(site, outcome, now, 0);
            if (outcome is AttemptOutcome.Broken or AttemptOutcome.TimedOut)
            {
                site.Estimate.Punish();
            }
            else if (outcome == AttemptOutcome.Delivered && waited > 0)
            {
                site.Estimate.TakeBody(received, waited, new Terms(0, true, site.InFlight));
            }
        }
    }

    private void Learn(Attempt attempt, double now)
    {
        double ready = attempt.SentAt + attempt.Connecting;
        switch (attempt.Outcome)
        {
            case AttemptOutcome.Delivered:
                attempt.Site.Estimate.TakeFirstByte(attempt.HeadAt - ready, now);
                attempt.Site.Estimate.TakeBody(
                    attempt.Received, now - attempt.HeadAt, attempt.Terms);
                attempt.Site.Connections.Return(now);
                attempt.Site.Limit.Succeed(
                    attempt.Site.InFlight + 1,
                    attempt.HeadAt - ready,
                    attempt.Site.Estimate.RoundTrip);
                if (attempt.IsKnown)
                {
                    _delays.Take((now - attempt.SentAt) / attempt.Predicted);
                }

                break;
            case AttemptOutcome.Overtaken when attempt.Received == 0:
                attempt.Site.Estimate.TakeLowerBound(now - ready, now);
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
}
