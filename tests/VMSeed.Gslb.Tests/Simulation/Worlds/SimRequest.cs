using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>A request of a simulated reader.</summary>
/// <param name="Number">Its number: chance depends on it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Class">Who waits for it.</param>
internal sealed record SimRequest(long Number, long Length, FetchClass Class);
