namespace VMSeed.ImageBuilder.Seeds;

/// <summary>What is being done for a seed.</summary>
/// <param name="Title">A few words.</param>
/// <param name="Number">Which step, from 1.</param>
/// <param name="Count">How many there are.</param>
public sealed record SeedStep(string Title, int Number, int Count);
