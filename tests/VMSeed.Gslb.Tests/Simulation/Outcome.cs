using VMSeed.Gslb.Tests.Simulation.Clients;
using VMSeed.Gslb.Tests.Simulation.Worlds;

namespace VMSeed.Gslb.Tests.Simulation;

/// <summary>What one run of one policy came to.</summary>
/// <param name="Tally">Times.</param>
/// <param name="Network">Traffic.</param>
/// <param name="Length">Virtual milliseconds.</param>
/// <param name="Switches">How often the preferred site became another one.</param>
internal sealed record Outcome(Tally Tally, Network Network, double Length, long Switches)
{
    /// <summary>Bytes that came and were not delivered, as a share of those that were.</summary>
    public double Waste => (Network.Received / Tally.Delivered) - 1;

    /// <summary>Changes of the preferred site, a minute.</summary>
    public double SwitchesAMinute => Switches / (Length / 60_000);
}
