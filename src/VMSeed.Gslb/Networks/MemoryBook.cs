namespace VMSeed.Gslb.Networks;

/// <summary>The rules of what is kept: of a few networks, the mirrors that were measured in the
/// last days.</summary>
internal static class MemoryBook
{
    /// <summary>Networks of one user: home, work, a telephone, some trains. More are those of one
    /// journey, and the oldest goes.</summary>
    public const int MostNetworks = 8;

    /// <summary>Mirrors of a network: several repositories' lists.</summary>
    public const int MostMirrors = 250;

    /// <summary>Seconds for which a measurement says more than nothing: routes and mirrors change
    /// over weeks.</summary>
    public const long LongestAge = 7 * 86_400;

    // What another process wrote down for the same measurement differs by the rounding of a second.
    private const long Rounding = 1;

    /// <summary>Drops what is too old, too much, or no value that a mirror can have.</summary>
    /// <param name="memory">What a file said.</param>
    /// <param name="now">The time, in seconds of Unix time.</param>
    /// <returns>The rest; each network and each of its mirrors once, the newest first.</returns>
    public static SavedMemory Clean(SavedMemory memory, long now) => new(
        SavedMemory.Current,
        [
            .. memory.Networks
                .Where(network => network.Name.Length is > 0 and <= 64)
                .Select(network => network with { SeenAt = Math.Min(network.SeenAt, now) })
                .OrderByDescending(network => network.SeenAt)
                .DistinctBy(network => network.Name)
                .Take(MostNetworks)
                .Select(network => network with { Mirrors = Clean(network.Mirrors, now) })
                .Where(network => network.Mirrors.Count > 0),
        ]);

    /// <summary>Writes down what a process has learned of one network.</summary>
    /// <param name="memory">What is in the file, of all processes.</param>
    /// <param name="name">The network.</param>
    /// <param name="learned">What was learned; of a mirror that both know, the newer
    /// counts.</param>
    /// <param name="now">The time, in seconds of Unix time.</param>
    /// <returns>What is to be in the file.</returns>
    public static SavedMemory Merge(
        SavedMemory memory, string name, IEnumerable<SavedMirror> learned, long now)
    {
        var mirrors = MirrorsOf(memory, name).ToDictionary(mirror => mirror.Address);
        foreach (SavedMirror mirror in learned)
        {
            if (!mirrors.TryGetValue(mirror.Address, out SavedMirror? known)
                || mirror.At + Rounding >= known.At)
            {
                mirrors[mirror.Address] = mirror;
            }
        }

        SavedNetwork network = new(name, now, [.. mirrors.Values]);
        IEnumerable<SavedNetwork> others = memory.Networks.Where(other => other.Name != name);
        return Clean(new SavedMemory(SavedMemory.Current, [network, .. others]), now);
    }

    /// <summary>The mirrors of a network.</summary>
    /// <param name="memory">The file.</param>
    /// <param name="name">The network.</param>
    /// <returns>Its mirrors; none where nothing is known of it.</returns>
    public static IReadOnlyList<SavedMirror> MirrorsOf(SavedMemory memory, string name) =>
        memory.Networks.FirstOrDefault(network => network.Name == name)?.Mirrors ?? [];

    // What a clock that went ahead has stamped would be the newest for as long as it went ahead.
    private static IReadOnlyList<SavedMirror> Clean(IReadOnlyList<SavedMirror> mirrors, long now) =>
    [
        .. mirrors
            .Where(mirror => mirror.IsSane(now) && (mirror.At >= now - LongestAge
                || mirror.QuarantinedUntil > now))
            .Select(mirror => mirror with { At = Math.Clamp(mirror.At, 0, now) })
            .OrderByDescending(mirror => mirror.At)
            .DistinctBy(mirror => mirror.Address)
            .Take(MostMirrors),
    ];
}
