namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>How one site is at a time: its line, its load, its faults. Drawn from the seed alone,
/// so that no policy changes it.</summary>
internal sealed class SiteWeather
{
    private const double Horizon = 4_000_000;
    private const double FaultGap = 300_000;
    private const double RegimeGap = 40_000;
    private static readonly double[] Regimes = [1, 1, 1, 0.8, 0.6, 0.3];
    private readonly List<(double Start, double End, Fault Kind)> _faults = [];
    private readonly List<(double Start, double Load)> _loads = [(0, 1)];
    private int _fault;
    private int _load;

    public SiteWeather(ulong seed, int site, WorldPlan plan)
    {
        Luck luck = new(seed, 0xA11CE, (ulong)site, 0);
        Capacity = luck.NextLogNormal(7_500, 0.7);
        StallChance = 0.002 + (0.028 * luck.Next());
        for (double at = luck.NextExponential(RegimeGap); plan.HasRegimes && at < Horizon;
            at += luck.NextExponential(RegimeGap))
        {
            _loads.Add((at, Regimes[(int)(luck.Next() * Regimes.Length)]));
        }

        if (!plan.HasFaults)
        {
            return;
        }

        for (double at = luck.NextExponential(FaultGap); at < Horizon;
            at += luck.NextExponential(FaultGap))
        {
            AddFault(at, at + 20_000 + (70_000 * luck.Next()), (Fault)(1 + (int)(luck.Next() * 7)));
            at = _faults[^1].End;
        }
    }

    /// <summary>Bytes per millisecond of its line to a client.</summary>
    public double Capacity { get; }

    /// <summary>How often a request stalls.</summary>
    public double StallChance { get; }

    /// <summary>Adds a fault of the schedule.</summary>
    public void AddFault(double start, double end, Fault kind)
    {
        _faults.RemoveAll(fault => fault.Start < end && fault.End > start);
        _faults.Add((start, end, kind));
        _faults.Sort((one, other) => one.Start.CompareTo(other.Start));
    }

    /// <summary>Begins at time 0 again.</summary>
    public void Rewind() => _fault = _load = 0;

    /// <summary>The share of its capacity that it has. Time only goes forwards.</summary>
    public double LoadAt(double now)
    {
        while (_load + 1 < _loads.Count && _loads[_load + 1].Start <= now)
        {
            _load++;
        }

        return _loads[_load].Load;
    }

    /// <summary>What is wrong with it. Time only goes forwards.</summary>
    public Fault FaultAt(double now)
    {
        while (_fault < _faults.Count && _faults[_fault].End <= now)
        {
            _fault++;
        }

        return _fault < _faults.Count && _faults[_fault].Start <= now
            ? _faults[_fault].Kind
            : Fault.None;
    }
}
