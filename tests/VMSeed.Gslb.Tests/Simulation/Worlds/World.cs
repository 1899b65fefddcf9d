using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Thirteen sites on three continents, as one client sees them.</summary>
/// <remarks>
/// Round trips: monthly means that a cloud published in October 2024, three sites in Europe, three
/// in North America, four in Tokyo and three in Osaka some milliseconds apart. The rest is assumed:
/// capacity logarithmic normal around 60 Mbit/s (sigma 0.7), load regimes of some 40 s, server
/// time around 4 ms, stalls (Pareto 1.3) in 0.2 to 3 % of requests, a retransmission timeout in
/// 0.4 %, faults of 20 to 90 s with a mean gap of 300 s a site, and every 100 s the site that is
/// best for the client fails for 40 s. An idle connection is closed after 60 s, and starts slowly
/// again after 1 s.
/// </remarks>
internal sealed class World
{
    /// <summary>Sites.</summary>
    public const int Count = 13;

    private const double InitialWindow = 14_600;

    /// <summary>Milliseconds from one failure of the best site to the next; the first comes after
    /// half of it.</summary>
    public const double FaultSchedule = 100_000;

    /// <summary>How long such a failure lasts.</summary>
    public const double FaultLength = 40_000;


    // Frankfurt, London, Madrid; Washington, Dallas, Toronto; Tokyo (4), Osaka (3).
    private static readonly double[][] Trips =
    [
        [231, 243, 257, 167, 143, 164, 3, 4, 6, 8, 9, 11, 13],
        [3, 13, 29, 92, 123, 92, 231, 232, 234, 236, 232, 234, 236],
        [90, 76, 89, 3, 31, 19, 169, 170, 172, 174, 175, 177, 179],
        [250, 261, 275, 213, 185, 213, 115, 116, 118, 120, 122, 124, 126],
    ];

    private readonly ulong _seed;
    private readonly double[] _trips;
    private readonly SiteWeather[] _sites;

    public World(ulong seed, Region region, WorldPlan? plan = null)
    {
        plan ??= new WorldPlan();
        Crowd = plan.Crowd;
        _seed = seed;
        _trips = Trips[(int)region];
        _sites = [.. Enumerable.Range(0, Count)
            .Select(site => new SiteWeather(seed, site, plan))];
        Best = Enumerable.Range(0, Count).MinBy(site => CleanTime(site, 128 * 1024));
        if (plan.BestFails)
        {
            Luck luck = new(seed, 0xBE57, 0, 0);
            for (double at = FaultSchedule / 2; at < 4_000_000; at += FaultSchedule)
            {
                Fault kind = (Fault)(1 + (int)(luck.Next() * 7));
                _sites[Best].AddFault(at, at + FaultLength, plan.OfBest ?? kind);
            }
        }
    }

    /// <summary>The site with the shortest time for 128 KiB while nothing is wrong.</summary>
    public int Best { get; }

    /// <summary>Other clients.</summary>
    public Crowd? Crowd { get; }

    /// <summary>The round trip to a site.</summary>
    public double TripTo(int site) => _trips[site];

    /// <summary>What a site is like now.</summary>
    public SiteWeather this[int site] => _sites[site];

    /// <summary>How a request goes, if it is sent now.</summary>
    public Course Send(
        int site, long request, int attempt, double now, long length, Warmth warmth, int others)
    {
        Luck luck = new(_seed, (ulong)request, (ulong)site, (ulong)attempt);
        double trip = _trips[site] * (1 + (0.05 * luck.Next()));
        double first = trip + luck.NextLogNormal(4, 0.6);
        first += luck.Next() < _sites[site].StallChance
            ? Math.Min(luck.NextPareto(100, 1.3), 20_000) : 0;
        first += luck.Next() < 0.004 ? 200 + trip : 0;
        double connect = warmth == Warmth.None ? trip : 0;
        double rounds = warmth == Warmth.Window
            ? 0 : Math.Max(Math.Ceiling(Math.Log2((length / InitialWindow) + 1)) - 1, 0);
        Fault fault = _sites[site].FaultAt(now);
        double speed = _sites[site].Capacity * _sites[site].LoadAt(now)
            / (fault == Fault.Slow ? 25 : 1) / (1 + (0.5 * others));
        speed = Math.Min(speed, Crowd?.ShareOf(site) ?? double.PositiveInfinity);
        double body = (rounds * trip) + (length / speed);
        double part = luck.Next();
        return fault switch
        {
            Fault.Refuse => new Course(0, trip, 0, 0, AttemptOutcome.Broken),
            Fault.BlackHole => new Course(0, double.PositiveInfinity, 0, 0, AttemptOutcome.Live),
            Fault.Unavailable => new Course(connect, first, 0, 0, AttemptOutcome.ServerError),
            Fault.Stale => new Course(connect, first, 0, 0, AttemptOutcome.Missing),
            Fault.Corrupt => new Course(connect, first, body, 1, AttemptOutcome.Corrupt),
            Fault.BodyStall => new Course(connect, first, body, part, AttemptOutcome.Live),
            _ => new Course(connect, first, body, 1, AttemptOutcome.Delivered),
        };
    }

    private double CleanTime(int site, long length) =>
        _trips[site] + (length / _sites[site].Capacity);
}
