using VMSeed.Gslb.Hedging;
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
    public static Outcome Run(string policy, ulong seed, Region region, int fetches)
    {
        World world = new(seed, region);
        EventQueue time = new();
        Network network = new(world, time);
        Tally tally = new();
        Fetcher fetcher = Create(policy, seed, network);
        new ClosedLoop(seed, network, fetcher, tally).Run(fetches);
        return new Outcome(tally, network, time.Now);
    }

    private static Fetcher Create(string policy, ulong seed, Network network)
    {
        Random random = new((int)(seed % int.MaxValue));
        return policy switch
        {
            Ours => new MirrorFetcher(network, DeskOf(random)),
            Oracle => new BaselineFetcher(network, new Oracle()),
            "DNS-static" => new BaselineFetcher(network, new DnsStatic(random)),
            "fastest-probe" => new BaselineFetcher(network, new FastestProbe(random)),
            "round-robin" => new BaselineFetcher(network, new RoundRobin()),
            "P2C Peak-EWMA" => new BaselineFetcher(network, new PeakEwma(random)),
            "C3-like" => new BaselineFetcher(network, new C3(random)),
            _ => new BaselineFetcher(network, new Prequal(random)),
        };
    }

    private static FetchDesk DeskOf(Random random)
    {
        Mirror[] mirrors =
        [
            .. Enumerable.Range(0, World.Count)
                .Select(site => new Mirror(new Uri($"http://site{site}.example/"))),
        ];
        return new MirrorSelector(mirrors, TimeProvider.System, random.NextDouble).Desk;
    }
}
