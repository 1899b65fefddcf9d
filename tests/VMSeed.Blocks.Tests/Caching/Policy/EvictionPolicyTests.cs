using VMSeed.Blocks.Caching.Policy;
using VMSeed.Blocks.Caching.Sharing;

namespace VMSeed.Blocks.Tests.Caching.Policy;

/// <summary>The policy against others, on requests that are like a disk's. The table that it prints
/// is in docs/decisions/0003-cache.md.</summary>
public sealed class EvictionPolicyTests(ITestOutputHelper output)
{
    private const int Capacity = 4000;

    [Fact]
    public void A_pass_over_a_disk_leaves_what_was_asked_for_again()
    {
        Dictionary<string, double> ratios = Measure(() => Traces.BootsAndScans(1), pieces: true);
        Assert.All(ratios, rival => Assert.True(ratios["ours"] >= rival.Value, rival.Key));
        Assert.True(ratios["ours"] > ratios["LRU"] + 0.05);
    }

    [Fact]
    public void Skewed_requests_fare_as_well_as_with_the_best()
    {
        Dictionary<string, double> ratios = Measure(() => Traces.Zipf(1), pieces: false);
        Assert.All(ratios, rival => Assert.True(ratios["ours"] >= rival.Value - 0.015, rival.Key));
    }

    [Fact]
    public void A_loop_that_does_not_fit_is_a_loss_to_none_but_not_worse_than_LRU()
    {
        Dictionary<string, double> ratios =
            Measure(() => Traces.Loop(Capacity * 3 / 2, 10), pieces: false);
        Assert.True(ratios["ours"] >= ratios["LRU"]);
    }

    [Fact]
    public void The_queues_end_even_while_readers_keep_warming()
    {
        Guards guards = Guards.Private(64, areShared: true);
        EvictionPolicy policy = new(64, guards.Heat);
        for (int slot = 0; slot < 64; slot++)
        {
            policy.Restore(slot, 1, warm: slot % 2 == 0);
            guards.Heat.Restore(slot, 3);
        }

        Assert.InRange(policy.PickVictim(), 0, 63);
    }

    // Repeated requests for one block, as its pieces, are not counted: only whether the first hit.
    private Dictionary<string, double> Measure(Func<IEnumerable<int>> trace, bool pieces)
    {
        Dictionary<string, Rivals.Simulation> policies = new()
        {
            ["ours"] = Ours(Capacity),
            ["LRU"] = Rivals.Lru(Capacity),
            ["FIFO"] = Rivals.Fifo(Capacity),
            ["CLOCK"] = Rivals.Clock(Capacity),
            ["SIEVE"] = Rivals.Sieve(Capacity),
        };
        Dictionary<string, double> ratios = [];
        foreach ((string name, Rivals.Simulation policy) in policies)
        {
            (long hits, long requests, int last) = (0, 0, int.MinValue);
            foreach (int block in trace())
            {
                bool hit = policy(block);
                bool counts = !pieces || (block != last && block < 1_000_000);
                hits += counts && hit ? 1 : 0;
                requests += counts ? 1 : 0;
                last = block;
            }

            ratios[name] = (double)hits / requests;
            output.WriteLine($"{name,-6} {ratios[name]:P1}");
        }

        return ratios;
    }

    private static Rivals.Simulation Ours(int capacity)
    {
        Guards guards = Guards.Private(capacity, areShared: true);
        EvictionPolicy policy = new(capacity, guards.Heat);
        Dictionary<int, int> slots = [];
        int[] owners = new int[capacity];
        long arrivals = 0;
        return block =>
        {
            if (slots.TryGetValue(block, out int found))
            {
                guards.Heat.Touch(found);
                return true;
            }

            int slot = slots.Count;
            if (slot == capacity)
            {
                slot = policy.PickVictim();
                policy.Evict(slot, NameOf(owners[slot]));
                slots.Remove(owners[slot]);
            }

            policy.Add(slot, 1, NameOf(block));
            slots[block] = slot;
            owners[slot] = block;
            int tick = Math.Max(1, capacity / HeatMap.TicksPerTurnover);
            guards.Heat.Clock = (uint)(++arrivals / tick);
            return false;
        };
    }

    private static ulong NameOf(int block)
    {
        ulong name = (ulong)(block + 0x1_0000_0000L) * 0x9E37_79B9_7F4A_7C15;
        return (name ^ (name >> 29)) * 0xBF58_476D_1CE4_E5B9;
    }
}
