namespace VMSeed.Nbd.Tests;

/// <summary>Tests that count what the whole process does, and so run while no other
/// does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
