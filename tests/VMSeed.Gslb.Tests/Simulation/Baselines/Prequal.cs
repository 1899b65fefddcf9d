using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Baselines;

/// <summary>Probes in the background, and the lowest latency among sites that are not hot
/// (Prequal of NSDI 2024), with the client's own requests in flight for the servers'.</summary>
internal sealed class Prequal(Random random) : Baseline
{
    private const int Pool = 16;
    private const double ProbeAge = 1_000;
    private const int ProbesOfRequest = 3;

    // Probes have chances of their own: one that shared its request's would see the future.
    private const long ProbeNumbers = 1L << 40;

    private readonly List<(int Site, double Latency, double At)> _probes = [];
    private readonly int[] _pending = new int[World.Count];

    public override int Choose(Network network, SimRequest request, IReadOnlyList<int> usable)
    {
        double now = network.Time.Now;
        for (int probe = 0; probe < ProbesOfRequest; probe++)
        {
            int site = random.Next(World.Count);
            long number = ProbeNumbers + (request.Number * ProbesOfRequest) + probe;
            SimRequest probeOf = request with { Number = number, Length = 1 };
            double latency = network.Foresee(site, probeOf).Total;
            if (double.IsFinite(latency))
            {
                network.Time.At(now + latency, () => Add(site, latency, now + latency));
            }
        }

        _probes.RemoveAll(probe => now - probe.At > ProbeAge);
        int mean = _pending.Max();
        var known = _probes.Where(probe => usable.Contains(probe.Site)).ToList();
        if (known.Count == 0)
        {
            return usable[random.Next(usable.Count)];
        }

        var cold = known.Where(probe => _pending[probe.Site] < mean || mean < 2).ToList();
        return cold.Count > 0
            ? cold.MinBy(probe => probe.Latency).Site
            : known.MinBy(probe => _pending[probe.Site]).Site;
    }

    public override void OnSent(int site, double now) => _pending[site]++;

    public override void OnEnded(int site, double elapsed, bool isDelivered, double now) =>
        _pending[site]--;

    private void Add(int site, double latency, double now)
    {
        _probes.Add((site, latency, now));
        if (_probes.Count > Pool)
        {
            _probes.RemoveAt(0);
        }
    }
}
