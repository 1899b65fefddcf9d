using System.Globalization;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation;

/// <summary>The runs of all policies in one region, over several seeds.</summary>
internal sealed class Scores
{
    private readonly Dictionary<string, List<Outcome>> _runs = [];

    /// <summary>Lets all policies run.</summary>
    public Scores(Region region, ulong firstSeed, int seeds, int fetches)
    {
        Region = region;
        foreach (string policy in (string[])[.. Arena.Baselines, Arena.Oracle, Arena.Ours])
        {
            _runs[policy] = [.. Enumerable.Range(0, seeds)
                .Select(seed => Arena.Run(policy, firstSeed + (ulong)seed, region, fetches))];
        }
    }

    /// <summary>Where the clients are.</summary>
    public Region Region { get; }

    /// <summary>Our runs.</summary>
    public IReadOnlyList<Outcome> Ours => _runs[Arena.Ours];

    /// <summary>The mean of a measure over a policy's runs.</summary>
    public double Mean(string policy, Func<Outcome, double> measure) =>
        _runs[policy].Average(measure);

    /// <summary>Our mean over that of the baseline that is best by this measure.</summary>
    public double RatioToBest(Func<Outcome, double> measure) =>
        Mean(Arena.Ours, measure) / Arena.Baselines.Min(policy => Mean(policy, measure));

    /// <summary>A table, one row a policy.</summary>
    public IEnumerable<string> Rows() => _runs.Keys.Select(policy =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {Region} | {policy} | {Mark(policy, run => run.Tally.Mean)} "
            + $"| {Mark(policy, run => run.Tally.Quantile(0.5))} "
            + $"| {Mark(policy, run => run.Tally.Quantile(0.99))} "
            + $"| {Mark(policy, run => run.Tally.Quantile(0.999))} "
            + $"| {_runs[policy].Max(run => run.Tally.Max):0} "
            + $"| {Regret(policy):0} "
            + $"| {100 * Mean(policy, run => run.Waste):0.0} "
            + $"| {100 * Mean(policy, run => (double)run.Tally.Hedges / run.Tally.Fetches):0.0} "
            + $"| {_runs[policy].Sum(run => run.Tally.Errors)} |"));

    private double Regret(string policy) =>
        Mean(policy, run => run.Tally.Mean) - Mean(Arena.Oracle, run => run.Tally.Mean);

    // The mean, and 1.96 standard errors of it over the seeds.
    private string Mark(string policy, Func<Outcome, double> measure)
    {
        double[] values = [.. _runs[policy].Select(measure)];
        double mean = values.Average();
        double variance = values.Sum(value => (value - mean) * (value - mean))
            / Math.Max(values.Length - 1, 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{mean:0} ± {1.96 * Math.Sqrt(variance / values.Length):0}");
    }
}
