using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>How a request goes.</summary>
/// <param name="Connect">Milliseconds until the connection is ready.</param>
/// <param name="First">Milliseconds from then to the head.</param>
/// <param name="Body">Milliseconds from the head to the last byte, if all of it comes.</param>
/// <param name="Part">How much of the body comes, from 0 to 1.</param>
/// <param name="Outcome">How it ends; live where it hangs.</param>
internal readonly record struct Course(
    double Connect, double First, double Body, double Part, AttemptOutcome Outcome)
{
    /// <summary>Milliseconds that it takes, infinite where it fails or hangs.</summary>
    public double Total => Outcome == AttemptOutcome.Delivered
        ? Connect + First + Body : double.PositiveInfinity;
}
