using System.Globalization;
using System.Text;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Table()
    {
        int seeds = int.Parse(Environment.GetEnvironmentVariable("SEEDS") ?? "2");
        int first = int.Parse(Environment.GetEnvironmentVariable("FIRST") ?? "1");
        int fetches = int.Parse(Environment.GetEnvironmentVariable("FETCHES") ?? "6000");
        string only = Environment.GetEnvironmentVariable("ONLY") ?? "";
        StringBuilder text = new();
        foreach (Region region in Enum.GetValues<Region>())
        {
            foreach (string policy in (string[])[.. Arena.Baselines, Arena.Oracle, Arena.Ours])
            {
                if (only.Length > 0 && policy != only) continue;
                var runs = Enumerable.Range(first, seeds).Select(seed => Arena.Run(policy, (ulong)seed, region, fetches)).ToList();
                double M(Func<Outcome, double> of) => runs.Average(of);
                text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{region,-11}{policy,-14} mean {M(r => r.Tally.Mean),6:0} p50 {M(r => r.Tally.Quantile(0.5)),5:0} p99 {M(r => r.Tally.Quantile(0.99)),6:0} p99.9 {M(r => r.Tally.Quantile(0.999)),6:0} max {runs.Max(r => r.Tally.Max),6:0} waste {M(r => r.Waste) * 100,5:0.0}% hedge {M(r => 100.0 * r.Tally.Hedges / r.Tally.Fetches),4:0.0}% sw/min {M(r => r.SwitchesAMinute),5:0.0} err {runs.Sum(r => r.Tally.Errors)} len {M(r => r.Length) / 1000,4:0}"));
            }
        }

        File.WriteAllText(Environment.GetEnvironmentVariable("OUT") ?? "/tmp/sim.txt", text.ToString());
        output.WriteLine(text.ToString());
    }
}
