using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Tests.Simulation.Baselines;
using VMSeed.Gslb.Tests.Simulation.Clients;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation;

/// <summary>Lets policies run in the same world.</summary>
internal static class Arena
{
    /// <summary>The name of ours.</summary>
    public const string Ours = "VMSeed";

    /// <summary>The name of the policy that knows the future.</summary>
    public const string Oracle = "oracle";

    /// <summary>All policies but ours and the oracle.</summary>
    public static readonly string[] Baselines =
        ["DNS-static", "fastest-probe", "round-robin", "P2C Peak-EWMA", "C3-like", "Prequal-like"];

    /// <summary>Lets one policy run.</summary>
    public static Outcome Run(
        string policy,
        ulong seed,
        Region region,
        int fetches,
        WorldPlan? plan = null,
        double prefetchShare = 0.3)
    {
        EventQueue time = new();
        Network network = new(new World(seed, region, plan), time);
        Tally tally = new();
        Random random = new((int)(seed % int.MaxValue));
        MirrorSelector? selector = policy == Ours ? SelectorOf(random) : null;
        Fetcher fetcher = selector is null
            ? new BaselineFetcher(network, BaselineOf(policy, random))
            : new MirrorFetcher(network, selector.Desk);
        ClosedLoop loop = new(seed, network, fetcher, tally) { PrefetchShare = prefetchShare };
        loop.Run(fetches);
        return new Outcome(tally, network, time.Now, selector?.Desk.Switches ?? 0);
    }

    /// <summary>Makes a selector over all sites.</summary>
    public static MirrorSelector SelectorOf(Random random)
    {
        Mirror[] mirrors =
        [
            .. Enumerable.Range(0, World.Count)
                .Select(site => new Mirror(new Uri($"http://site{site}.example/"))),
        ];
        return new MirrorSelector(mirrors, TimeProvider.System, random.NextDouble);
    }

    private static Baseline BaselineOf(string policy, Random random) => policy switch
    {
        Oracle => new Oracle(),
        "DNS-static" => new DnsStatic(random),
        "fastest-probe" => new FastestProbe(random),
        "round-robin" => new RoundRobin(),
        "P2C Peak-EWMA" => new PeakEwma(random),
        "C3-like" => new C3(random),
        _ => new Prequal(random),
    };
}
