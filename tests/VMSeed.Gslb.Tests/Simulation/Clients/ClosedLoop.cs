using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>Four readers that ask, wait, think for 30 ms and ask again; three requests in ten are
/// prefetches, whose time nobody feels.</summary>
internal sealed class ClosedLoop(ulong seed, Network network, Fetcher fetcher, Tally tally)
{
    private const int Readers = 4;
    private long _next;
    private int _working;

    /// <summary>Milliseconds between an answer and the next request.</summary>
    public double Thinking { get; init; } = 30;

    /// <summary>The share of requests that nobody waits for.</summary>
    public double PrefetchShare { get; init; } = 0.3;

    /// <summary>Runs until as many fetches are done.</summary>
    public void Run(int fetches)
    {
        Begin(fetches);
        network.Time.Run(() => _next > fetches && _working == 0);
    }

    /// <summary>Begins to ask, and lets others run the time.</summary>
    public void Begin(int fetches) =>
        Ask(new SimRequest(_next++, 8 * 1024, FetchClass.Head), () =>
        {
            for (; _working < Readers; _working++)
            {
                Loop(fetches);
            }
        });

    private void Loop(int fetches)
    {
        if (_next > fetches)
        {
            _working--;
            return;
        }

        Luck luck = new(seed, 0x51ED, (ulong)_next, 0);
        double size = luck.Next();
        long length = size < 0.7 ? 65_536 : size < 0.9 ? 262_144 : 1_048_576;
        FetchClass kind = luck.Next() < PrefetchShare ? FetchClass.Prefetch : FetchClass.Demand;
        Ask(
            new SimRequest(_next++, length, kind),
            () => network.Time.At(network.Time.Now + Thinking, () => Loop(fetches)));
    }

    private void Ask(SimRequest request, Action then)
    {
        double start = network.Time.Now;
        fetcher.Fetch(request, result =>
        {
            tally.Take(request, result, start, network.Time.Now);
            then();
        });
    }
}
