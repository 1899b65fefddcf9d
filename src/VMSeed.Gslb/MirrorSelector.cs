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

    private readonly Lock _changing = new();
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly Func<Uri, SiteMemory?>? _memory;
    private readonly int _mostInFlight;
    private readonly long _began;
    private int _lastIndex = -1;

    /// <summary>Makes a selector.</summary>
    /// <param name="mirrors">The mirrors, 1 to 100.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Chance: the next number from 0 to 1; called under the selector's
    /// lock.</param>
    /// <param name="memory">What is known of a mirror from before; asked once for each that is ever
    /// among them. Null: nothing.</param>
    /// <param name="options">What a fetch may cost, valid; null: the usual.</param>
    /// <exception cref="ArgumentException">There is no mirror, or there are too many.</exception>
    internal MirrorSelector(
        IReadOnlyList<Mirror> mirrors,
        TimeProvider time,
        Func<double> random,
        Func<Uri, SiteMemory?>? memory = null,
        MirrorSelectorOptions? options = null)
    {
        List<string> faults = [];
        CheckCount(mirrors, faults);
        if (faults.Count > 0)
        {
            throw new ArgumentException(faults[0], nameof(mirrors));
        }

        options ??= new MirrorSelectorOptions();
        _time = time;
        _random = random;
        _mostInFlight = options.MostInFlight;
        _memory = memory;
        _began = time.GetTimestamp();
        SiteSelector selector = new(SitesOf(mirrors, []), random, options.ExplorationShare);
        Desk = new FetchDesk(selector, options.ToPolicy(), random);
    }

    /// <summary>Milliseconds since the selector was made.</summary>
    internal double Now => _time.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>What all fetches share.</summary>
    internal FetchDesk Desk { get; }

    /// <summary>What is known of each mirror now.</summary>
    /// <returns>One entry a mirror, in the order in which they were given.</returns>
    public IReadOnlyList<MirrorStatus> Snapshot()
    {
        double now = Now;
        long total = Desk.Look((site, _) => site.Requests).Sum();
        return Desk.Look((site, isPreferred) => MirrorStatus.Of(site, isPreferred, total, now));
    }

    /// <summary>Chooses among other mirrors from now on.</summary>
    /// <param name="mirrors">The mirrors, 1 to 100, told apart by their addresses. Of those that it
    /// has already, all that is known stays known.</param>
    /// <exception cref="ArgumentException">There is no mirror, or there are too many, or one is
    /// named twice, or an address is none of a mirror; the message names all faults, and nothing
    /// has changed.</exception>
    /// <remarks>Fetches that have begun go on, over the new mirrors where they ask again; what a
    /// mirror is sending that is no longer there is taken. The selector of a
    /// <see cref="MirrorHandler"/> serves requests that name a certain list: those that name
    /// another one have another selector.</remarks>
    public void SetMirrors(IReadOnlyList<Mirror> mirrors)
    {
        ArgumentNullException.ThrowIfNull(mirrors);
        Mirror[] others =
        [
            .. mirrors.Select(mirror => MirrorAddress.IsValid(mirror.Address)
                ? mirror with { Address = MirrorAddress.WithSlash(mirror.Address) } : mirror),
        ];
        List<string> faults = [];
        CheckCount(others, faults);
        faults.AddRange(others.Select(mirror => mirror.Address)
            .Where(address => !MirrorAddress.IsValid(address))
            .Select(address => MirrorAddress.FaultOf(address, nameof(mirrors))));
        faults.AddRange(others.CountBy(mirror => mirror.Address)
            .Where(entry => entry.Value > 1)
            .Select(entry => $"{entry.Key} is named {entry.Value} times, not once."));
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(mirrors));
        }

        Change(others);
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

    /// <summary>Begins a fetch.</summary>
    /// <param name="request">What is fetched.</param>
    /// <returns>The machine, to be driven.</returns>
    internal MirrorFetch Begin(in FetchRequest request) => new(Desk, request, Now);

    /// <summary>Chooses among other mirrors from now on.</summary>
    /// <param name="mirrors">As <see cref="SetMirrors"/> would leave them, each once.</param>
    internal void Change(IReadOnlyList<Mirror> mirrors)
    {
        lock (_changing)
        {
            Desk.SetSites(SitesOf(mirrors, Desk.Sites));
        }
    }

    private Site[] SitesOf(IReadOnlyList<Mirror> mirrors, IReadOnlyList<Site> before)
    {
        Dictionary<Uri, Site> known = before.ToDictionary(site => site.Mirror.Address);
        HashSet<int> taken =
        [
            .. mirrors.Where(mirror => known.ContainsKey(mirror.Address))
                .Select(mirror => known[mirror.Address].Index),
        ];
        return
        [
            .. mirrors.Select(mirror =>
            {
                Site site = known.GetValueOrDefault(mirror.Address) ?? MakeSite(mirror, taken);
                site.Mirror = mirror;
                return site;
            }),
        ];
    }

    private Site MakeSite(Mirror mirror, HashSet<int> taken)
    {
        Site site = new(mirror, NextIndex(taken), _random, _mostInFlight);
        if (_memory?.Invoke(mirror.Address) is { } known)
        {
            site.Recall(known, Now);
        }

        return site;
    }

    // In turns: an index whose site has gone is not used again while fetches go on that have asked
    // that site, unless a hundred mirrors change at once.
    private int NextIndex(HashSet<int> taken)
    {
        do
        {
            _lastIndex = (_lastIndex + 1) % SiteSet.Capacity;
        }
        while (!taken.Add(_lastIndex));

        return _lastIndex;
    }

    private static void CheckCount(IReadOnlyList<Mirror> mirrors, List<string> faults)
    {
        if (mirrors.Count is 0 or > MostMirrors)
        {
            faults.Add($"{mirrors.Count} mirrors were given; there must be 1 to {MostMirrors}.");
        }
    }
}
