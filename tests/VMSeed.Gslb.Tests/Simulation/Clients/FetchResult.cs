namespace VMSeed.Gslb.Tests.Simulation.Clients;

/// <summary>What came of a fetch.</summary>
/// <param name="Site">The site that delivered it, -1 where none did.</param>
/// <param name="Attempts">Requests that were sent for it.</param>
/// <param name="Hedges">Those of them that were sent while another was on its way.</param>
internal readonly record struct FetchResult(int Site, int Attempts, int Hedges);
