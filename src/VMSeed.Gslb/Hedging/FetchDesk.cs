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

    /// <summary>Whether there is a site in use that has not been asked, and is not known to lack
    /// what is wanted.</summary>
    public bool HasOther(in FetchRequest request, SiteSet asked, double now)
    {
        lock (_gate)
        {
            foreach (Site site in selector.Sites)
            {
                if (!asked.Contains(site) && site.Health.At(now) < SiteCondition.Ejected
                    && !site.Lacked.Contains(request.Object, now))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether any site may be asked before a moment: not while all are
    /// quarantined, which no need lifts.</summary>
    public bool MayServeBy(double due, double now)
    {
        lock (_gate)
        {
            foreach (Site site in selector.Sites)
            {
                if (now + site.Health.QuarantinedFor(now) < due)
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

    /// <summary>Milliseconds after which an attempt is late.</summary>
    public double HedgeDelayOf(in SiteChoice choice, in FetchRequest request)
    {
        lock (_gate)
        {
            return FetchTimes.HedgeDelayOf(choice, request, _delays.Factor);
        }
    }

    /// <summary>Milliseconds to wait after a failure, with full jitter.</summary>
    public double Backoff(int attempts) => FetchTimes.BackoffOf(attempts, random());

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
            selector.Take(attempt.Site, attempt.Outcome, now, retryAfter, request.Object);
            _hedges.Note(attempt.Outcome is AttemptOutcome.Broken or AttemptOutcome.TimedOut
                or AttemptOutcome.ServerError or AttemptOutcome.Busy);
            attempt.Site.LateSince = double.PositiveInfinity;
            if (FetchTimes.IsLoss(attempt, now))
            {
                selector.TakeLoss(attempt.Site, now);
            }

            AttemptLessons.Learn(attempt, _delays, now);
        }
    }

    /// <summary>An attempt is late: others are kept away from its site until it answers.</summary>
    public void Late(Attempt attempt)
    {
        lock (_gate)
        {
            attempt.IsLate = true;
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
}
