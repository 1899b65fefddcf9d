using BenchmarkDotNet.Attributes;
using VMSeed.Gslb;
using VMSeed.Gslb.Hedging;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Selection;

namespace VMSeed.Benchmarks.Mirrors;

/// <summary>What it costs to decide which mirror is asked, and to learn from its answer; the
/// requests themselves are not made.</summary>
[MemoryDiagnoser]
public class ChoiceBenchmarks
{
    private const long BlockBytes = 64 * 1024;

    // A round trip, and a block over 60 Mbit/s.
    private const double FirstByte = 10;
    private const double Body = 9;

    private static readonly FetchRequest _demand = new(1, BlockBytes, FetchClass.Demand);
    private static readonly FetchRequest _prefetch = new(2, BlockBytes, FetchClass.Prefetch);

    private MirrorSelector _selector = null!;
    private double _now;

    /// <summary>How many there are to choose from: as the ancestor had, and the most.</summary>
    [Params(13, MirrorSelector.MostMirrors)]
    public int Mirrors { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        Random random = new(1);
        _selector = new MirrorSelector(
            [
                .. Enumerable.Range(0, Mirrors).Select(
                    index => new Mirror(new Uri($"https://m{index}.example/"))),
            ],
            TimeProvider.System,
            random.NextDouble);

        // Each has been measured, and keeps a connection: all terms of the cost are reckoned.
        foreach (Site site in _selector.Desk.Sites)
        {
            site.Estimate.TakeFirstByte(FirstByte + site.Index, 0);
            site.Estimate.TakeBody(BlockBytes, Body, new(0, true, 0));
            site.Connections.Return(0);
        }
    }

    /// <summary>A reader waits.</summary>
    [Benchmark]
    public int Demand() => Choose(_demand);

    /// <summary>Nobody waits: sites to try are looked for first.</summary>
    [Benchmark]
    public int Prefetch() => Choose(_prefetch);

    /// <summary>All that one fetch costs beside its I/O: the machine, the choice, what is
    /// learned.</summary>
    [Benchmark]
    public long Fetch()
    {
        MirrorFetch fetch = new(_selector.Desk, _demand, _now);
        Attempt attempt = fetch.Next(_now).Attempt!;
        fetch.Next(_now);
        fetch.OnHead(attempt, _now + FirstByte);
        fetch.OnBytes(attempt, BlockBytes, _now + FirstByte + Body);
        _now += FirstByte + Body;
        fetch.OnEnded(attempt, AttemptOutcome.Delivered, _now);
        return fetch.Next(_now).Attempt!.Received;
    }

    private int Choose(in FetchRequest request)
    {
        _selector.Desk.TryChoose(request, default, ++_now, out SiteChoice choice);
        return choice.Site.Index;
    }
}
