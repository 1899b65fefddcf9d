namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>The sites' lines to all clients together.</summary>
/// <param name="uplink">Bytes per millisecond of a site.</param>
internal sealed class Crowd(double uplink)
{
    private readonly int[] _flying = new int[World.Count];

    /// <summary>A request begins or ends.</summary>
    public void Move(int site, int step) => _flying[site] += step;

    /// <summary>What is left of a site's line for one request.</summary>
    public double ShareOf(int site) => uplink / (_flying[site] + 1);
}
