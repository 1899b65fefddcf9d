namespace VMSeed.Testing.Fuzz;

/// <summary>How a series of damaged images went; a series that only refuses, or only opens, tests
/// little.</summary>
/// <param name="Opened">Images that were read without an error.</param>
/// <param name="Refused">Images with a typed error.</param>
public sealed record FuzzOutcome(int Opened, int Refused);
