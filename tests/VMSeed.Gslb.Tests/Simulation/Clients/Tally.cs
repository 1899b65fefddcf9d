using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>What a run came to.</summary>
internal sealed class Tally
{
    private readonly List<double> _times = [];
    private int _lastSite = -1;
    private bool _isSorted;

    /// <summary>Demand fetches, in order: when they came, and from which site.</summary>
    public List<(double Time, int Site)> Deliveries { get; } = [];

    /// <summary>The times of demand fetches in milliseconds.</summary>
    public IReadOnlyList<double> Times => _times;

    /// <summary>Demand fetches that failed.</summary>
    public int Errors { get; private set; }

    /// <summary>Fetches in all.</summary>
    public int Fetches { get; private set; }

    /// <summary>Requests that were sent while another was on its way.</summary>
    public int Hedges { get; private set; }

    /// <summary>How often the site that delivered was another than before.</summary>
    public int Switches { get; private set; }

    /// <summary>Bytes that were delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>A number that two equal runs share.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Fetches by site.</summary>
    public long[] BySite { get; } = new long[World.Count];

    /// <summary>The mean time of demand fetches in milliseconds.</summary>
    public double Mean => _times.Average();

    /// <summary>The longest.</summary>
    public double Max => _times.Max();

    /// <summary>Takes a result.</summary>
    public void Take(SimRequest request, FetchResult result, double start, double now)
    {
        Fetches++;
        Hedges += result.Hedges;
        Digest = ((Digest * 31) + (ulong)result.Site) ^ (ulong)(now * 1000);
        if (result.Site >= 0)
        {
            Delivered += request.Length;
            BySite[result.Site]++;
            Switches += result.Site != _lastSite ? 1 : 0;
            _lastSite = result.Site;
        }

        if (request.Class != FetchClass.Prefetch)
        {
            _times.Add(now - start);
            Deliveries.Add((now, result.Site));
            Errors += result.Site < 0 ? 1 : 0;
        }
    }

    /// <summary>The time below which a share of the demand fetches lie.</summary>
    public double Quantile(double share)
    {
        if (!_isSorted)
        {
            _times.Sort();
            _isSorted = true;
        }

        return _times[Math.Min((int)(share * _times.Count), _times.Count - 1)];
    }
}
