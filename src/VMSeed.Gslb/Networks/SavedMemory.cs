namespace VMSeed.Gslb.Networks;

/// <summary>The whole file.</summary>
/// <param name="Version">The version of its form.</param>
/// <param name="Networks">Each network once.</param>
internal sealed record SavedMemory(int Version, IReadOnlyList<SavedNetwork> Networks)
{
    /// <summary>The version that is written, and the only one that is read: what a later one may
    /// mean is not guessed, for a race tells it again.</summary>
    public const int Current = 1;

    /// <summary>Nothing.</summary>
    public static SavedMemory Empty { get; } = new(Current, []);
}
