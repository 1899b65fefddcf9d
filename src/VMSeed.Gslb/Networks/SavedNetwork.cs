namespace VMSeed.Gslb.Networks;

/// <summary>What the file says of one network.</summary>
/// <param name="Name">What <see cref="NetworkName"/> calls it.</param>
/// <param name="SeenAt">When it was used last, in seconds of Unix time.</param>
/// <param name="Mirrors">Mirrors over it.</param>
internal sealed record SavedNetwork(
    string Name, long SeenAt, IReadOnlyList<SavedMirror> Mirrors);
