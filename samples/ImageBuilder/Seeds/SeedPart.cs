namespace VMSeed.ImageBuilder.Seeds;

/// <summary>A part of a seed, and its weight.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Length">Its size in bytes.</param>
public sealed record SeedPart(string Name, long Length);
