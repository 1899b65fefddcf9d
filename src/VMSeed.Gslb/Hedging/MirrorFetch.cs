using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb.Hedging;

/// <summary>One fetch: which attempts are made, when they are given up, and what is
/// delivered.</summary>
/// <remarks>
/// A machine without I/O. Its driver asks <see cref="Next"/> after each event and at each due
/// time, and does what it says; every other member tells it of an event. So the handler drives it
/// on sockets, and the simulator in virtual time. It is called under a lock of the driver's, the
/// selector under its own.
/// </remarks>
/// <param name="desk">What all fetches share: sites, budgets, measured delays.</param>
/// <param name="request">What is fetched.</param>
/// <param name="now">The time.</param>
internal sealed class MirrorFetch(FetchDesk desk, FetchRequest request, double now)
{
    // Mirrors that are asked one by one, the best first, before a file is looked for everywhere:
    // what it costs to be wrong is a body that comes twice.
    private const int SearchAfter = 3;

    // Mirrors that are asked at once in a search: a hundred are through in some twenty-five rounds,
    // and no client looks like an attack.
    private const int MostSearches = 4;

    private readonly List<Attempt> _attempts = [];
    private readonly double _deadline = now + desk.Policy.Deadline;
    private SiteSet _tried;
    private SiteSet _asked;
    private Attempt? _won;
    private double _retryAt = now;
    private double _hedgeAt = double.PositiveInfinity;

    /// <summary>All attempts, in the order in which they began.</summary>
    public IReadOnlyList<Attempt> Attempts => _attempts;

    /// <summary>What is fetched.</summary>
    public FetchRequest Request => request;

    /// <summary>Sites that are asked last: they have just failed the same reader.</summary>
    public SiteSet Avoid
    {
        init => _tried = value;
    }

    /// <summary>Says whether somebody has come to wait for a prefetch; null: nobody can.</summary>
    /// <remarks>Called under the driver's lock.</remarks>
    public Func<bool>? IsWanted { private get; init; }

    // Of a request that somebody waits for: what follows a prefetch is none.
    private FetchRequest Awaited => request.Class == FetchClass.Prefetch
        ? request with { Class = FetchClass.Demand } : request;

    /// <summary>Says what the driver does next.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The step; to be asked again until it is a wait, a success or a failure.</returns>
    public FetchAction Next(double now)
    {
        if (FindLoser(now) is { } loser)
        {
            return new FetchAction(FetchActionKind.Cancel, loser);
        }

        if (_won is not null)
        {
            return new FetchAction(FetchActionKind.Succeed, _won);
        }

        bool isIdle = !_attempts.Exists(attempt => attempt.IsLive);
        if (isIdle && IsOver(now))
        {
            return new FetchAction(FetchActionKind.Fail, _attempts.LastOrDefault());
        }

        if ((isIdle ? now >= _retryAt : now >= _hedgeAt) && TrySend(isHedge: !isIdle, now))
        {
            return new FetchAction(FetchActionKind.Send, _attempts[^1]);
        }

        return new FetchAction(FetchActionKind.Wait, null, isIdle ? _retryAt : NextDue());
    }

    /// <summary>An attempt's connection is ready: told only where a new one was made.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="now">The time.</param>
    public void OnConnected(Attempt attempt, double now)
    {
        attempt.Connect(now);
        desk.Connected(attempt);
    }

    /// <summary>An answer's head has come, and is of the form that was asked for.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="now">The time.</param>
    public void OnHead(Attempt attempt, double now)
    {
        attempt.TakeHead(now);
        desk.Progressed(attempt);
    }

    /// <summary>Bytes of a body have come.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="count">How many.</param>
    /// <param name="now">The time.</param>
    public void OnBytes(Attempt attempt, long count, double now)
    {
        attempt.TakeBytes(count, now);
        if (double.IsFinite(attempt.Site.LateSince))
        {
            desk.Progressed(attempt);
        }
    }

    /// <summary>An attempt has ended by itself: its content is whole and checked, or it has
    /// failed.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="outcome">How.</param>
    /// <param name="now">The time.</param>
    /// <param name="retryAfter">Milliseconds that the server asked to be left alone.</param>
    public void OnEnded(
        Attempt attempt, AttemptOutcome outcome, double now, double retryAfter = 0)
    {
        if (!attempt.IsLive)
        {
            return;
        }

        attempt.End(outcome);
        desk.Ended(attempt, request, now, retryAfter);
        if (outcome == AttemptOutcome.Delivered)
        {
            _won ??= attempt;
        }
        else if (_won is null)
        {
            _hedgeAt = now;
            bool hasOther = desk.HasOther(request, _asked, now);
            _retryAt = hasOther ? now : now + desk.Backoff(_attempts.Count);
        }
    }

    /// <summary>The caller has given the fetch up: all live attempts are to be
    /// cancelled.</summary>
    /// <param name="now">The time.</param>
    public void Abandon(double now)
    {
        foreach (Attempt attempt in _attempts.Where(attempt => attempt.IsLive))
        {
            attempt.End(AttemptOutcome.Abandoned);
            desk.Ended(attempt, request, now, 0);
        }
    }

    // An attempt that is late has failed; one that another overtook has not.
    private Attempt? FindLoser(double now)
    {
        foreach (Attempt attempt in _attempts)
        {
            if (!attempt.IsLive)
            {
                continue;
            }

            bool isRace = request.Class == FetchClass.Head;
            if (_won is not null && !isRace)
            {
                attempt.End(AttemptOutcome.Overtaken);
                desk.Ended(attempt, request, now, 0);
                return attempt;
            }

            if (now >= FetchTimes.DueOf(attempt))
            {
                OnEnded(attempt, AttemptOutcome.TimedOut, now);
                return attempt;
            }
        }

        return null;
    }

    private bool IsOver(double now) =>
        now >= _deadline
        || (_attempts.Count > 0 && request.Class == FetchClass.Prefetch)
        || ((_attempts.Count >= desk.Policy.MostAttempts || IsMissing())
            && !desk.HasOther(request, _asked, now))
        || !desk.MayServeBy(_deadline, now);

    // Of thirteen mirrors twelve may lack a file, or be late with it: each that is in use is asked
    // before the answer is no.
    private bool IsMissing() => _attempts.Count > 0 && _attempts.TrueForAll(IsVain);

    // What the best lack is looked for at the others side by side: that nobody has it is then known
    // in a few round trips, and a refusal has no body that would be wasted.
    private bool IsSearching() =>
        _attempts.Count >= SearchAfter && _attempts.Count(IsVain) >= SearchAfter
        && _attempts.TrueForAll(attempt => attempt.IsLive || IsVain(attempt));

    private static bool IsVain(Attempt attempt) =>
        attempt.Outcome is AttemptOutcome.Missing or AttemptOutcome.Stale;

    private bool TrySend(bool isHedge, double now)
    {
        _hedgeAt = double.PositiveInfinity;
        bool isSearch = IsSearching();
        if (isHedge && !(isSearch ? MaySearch(now) : MayHedge()))
        {
            bool mayBeLater = !isSearch && desk.Policy.HedgeShare > 0;
            _hedgeAt = mayBeLater ? now + FetchTimes.HedgePause : double.PositiveInfinity;
            return false;
        }

        if (_attempts.Count == 0)
        {
            desk.Began();
        }
        else if (!isHedge && !IsMissing() && desk.TryRetry(now) is > 0 and var wait)
        {
            // A mirror that has not a file is not one that fails under its load: to ask another is
            // no retry.
            _retryAt = now + wait;
            return false;
        }

        if (!TryChoose(isHedge, now, out SiteChoice choice))
        {
            _retryAt = now + desk.Backoff(Math.Max(_attempts.Count, 2));
            return false;
        }

        _tried = _tried.With(choice.Site);
        _asked = _asked.With(choice.Site);
        _attempts.Add(new Attempt(choice, now, FetchTimes.DeadlineOf(choice, now), isHedge)
        {
            IsSearch = isSearch,
        });
        desk.Started(_attempts[^1], now);
        _hedgeAt = isSearch
            ? now : now + desk.HedgeDelayOf(choice, IsWanted is null ? request : Awaited);
        return true;
    }

    private bool MaySearch(double now) =>
        _attempts.Count(attempt => attempt.IsLive) < MostSearches
        && desk.HasOther(request, _asked, now);

    private bool MayHedge()
    {
        if (request.Class == FetchClass.Prefetch && IsWanted?.Invoke() != true)
        {
            return false;
        }

        if (_attempts.Find(attempt => attempt.IsLive) is { } late)
        {
            desk.Late(late);
        }

        return desk.MayHedge(Awaited);
    }

    // When all have been tried it begins again, but never twice at once.
    private bool TryChoose(bool isHedge, double now, out SiteChoice choice)
    {
        if (desk.TryChoose(isHedge ? Awaited : request, _tried, now, out choice))
        {
            return true;
        }

        _tried = default;
        return !isHedge && desk.TryChoose(request, _tried, now, out choice);
    }

    private double NextDue()
    {
        double due = _hedgeAt;
        foreach (Attempt attempt in _attempts)
        {
            due = attempt.IsLive ? Math.Min(due, FetchTimes.DueOf(attempt)) : due;
        }

        return due;
    }
}
