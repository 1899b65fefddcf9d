namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>Chance that depends on nothing but its keys, so that all policies meet the same
/// (common random numbers).</summary>
internal struct Luck(ulong seed, ulong first, ulong second, ulong third)
{
    private ulong _state = Mix(Mix(Mix(Mix(seed) ^ first) ^ second) ^ third);

    /// <summary>The next number from 0 to 1.</summary>
    public double Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return (Mix(_state) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The next number of a logarithmic normal distribution.</summary>
    public double NextLogNormal(double median, double sigma)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - Next()));
        return median * Math.Exp(sigma * radius * Math.Cos(2 * Math.PI * Next()));
    }

    /// <summary>The next number of an exponential distribution.</summary>
    public double NextExponential(double mean) => -mean * Math.Log(1 - Next());

    /// <summary>The next number of a Pareto distribution.</summary>
    public double NextPareto(double least, double shape) =>
        least / Math.Pow(1 - Next(), 1 / shape);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
