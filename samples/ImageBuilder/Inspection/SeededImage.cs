using VMSeed.Blocks.Images.Heads;

namespace VMSeed.ImageBuilder.Inspection;

/// <summary>An image that a seed boots, as it was when the seed was built.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Url">Where the guest looks for newer versions.</param>
/// <param name="Version">The version whose kernel and drivers the seed has.</param>
/// <param name="Head">What that version's head says; it is held to the keys that the seed itself
/// names.</param>
public sealed record SeededImage(string Name, Uri Url, long Version, ImageHead Head);
