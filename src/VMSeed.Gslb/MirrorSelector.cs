using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Gslb;

/// <summary>Chooses a mirror for each request, and learns from what came of it; knows nothing of
/// HTTP.</summary>
/// <remarks>Safe for any number of threads.</remarks>
public sealed class MirrorSelector
{
    /// <summary>The most mirrors of one selector: a choice looks at each of them.</summary>
    public const int MostMirrors = 100;

    private readonly TimeProvider _time;
    private readonly long _began;

    /// <summary>Makes a selector.</summary>
    /// <param name="mirrors">The mirrors, 1 to 100.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance: the next number from 0 to 1; called under the selector's
    /// lock.</param>
    /// <param name="memory">What is known of a mirror from before; null: nothing.</param>
    /// <exception cref="ArgumentException">There is no mirror, or there are too many.</exception>
    internal MirrorSelector(
        IReadOnlyList<Mirror> mirrors,
        TimeProvider time,
        Func<double> random,
        Func<Uri, SiteMemory?>? memory = null)
    {
        if (mirrors.Count is 0 or > MostMirrors)
        {
            throw new ArgumentException(
                $"{mirrors.Count} mirrors were given; there must be 1 to {MostMirrors}.",
                nameof(mirrors));
        }

        _time = time;
        _began = time.GetTimestamp();
        Site[] sites = [.. mirrors.Select((mirror, index) => new Site(mirror, index, random))];
        foreach (Site site in sites)
        {
            if (memory?.Invoke(site.Mirror.Address) is { } known)
            {
                site.Recall(known, 0);
            }
        }

        Desk = new FetchDesk(new SiteSelector(sites, random), new FetchPolicy(), random);
    }

    /// <summary>What is known of each mirror now.</summary>
    /// <returns>One entry a mirror, in the order in which they were given.</returns>
    public IReadOnlyList<MirrorStatus> Snapshot()
    {
        double now = Now;
        return Desk.Look((site, isPreferred) => StatusOf(site, isPreferred, now));
    }

    /// <summary>What is worth keeping of each mirror, by its address.</summary>
    /// <returns>Mirrors of which something is known.</returns>
    internal IReadOnlyDictionary<Uri, SiteMemory> Remember()
    {
        double now = Now;
        return Desk.Look((site, _) => (site.Mirror.Address, Memory: site.Remember(now)))
            .Where(entry => entry.Memory is not null)
            .ToDictionary(entry => entry.Address, entry => entry.Memory!);
    }

    /// <summary>Milliseconds since the selector was made.</summary>
    internal double Now => _time.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>What all fetches share.</summary>
    internal FetchDesk Desk { get; }

    /// <summary>Begins a fetch.</summary>
    /// <param name="request">What is fetched.</param>
    /// <returns>The machine, to be driven.</returns>
    internal MirrorFetch Begin(in FetchRequest request) => new(Desk, request, Now);

    private static MirrorStatus StatusOf(Site site, bool isPreferred, double now)
    {
        long Count(params ReadOnlySpan<AttemptOutcome> outcomes)
        {
            long sum = 0;
            foreach (AttemptOutcome outcome in outcomes)
            {
                sum += site.Ends[(int)outcome];
            }

            return sum;
        }

        return new MirrorStatus
        {
            Address = site.Mirror.Address,
            Condition = site.Health.At(now),
            IsPreferred = isPreferred,
            FirstByte = site.Estimate.IsKnown
                ? TimeSpan.FromMilliseconds(site.Estimate.FirstByte) : null,
            Throughput = site.Estimate.Bandwidth > 0 ? site.Estimate.Bandwidth * 1_000 : null,
            InFlight = site.InFlight,
            ConcurrencyLimit = site.Limit.Value,
            Requests = site.Requests,
            Bytes = site.Bytes,
            Failures = Count(
                AttemptOutcome.Broken,
                AttemptOutcome.TimedOut,
                AttemptOutcome.ServerError,
                AttemptOutcome.Malformed),
            Missing = Count(AttemptOutcome.Missing, AttemptOutcome.Stale),
            Corrupt = Count(AttemptOutcome.Corrupt),
            Ejections = site.Health.Ejections,
        };
    }
}
