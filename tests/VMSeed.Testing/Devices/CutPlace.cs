namespace VMSeed.Testing.Devices;

/// <summary>Where a log is cut, and how.</summary>
/// <param name="Changes">How many changes had been accepted.</param>
/// <param name="Survival">How likely each one that is not durable is there as a whole; 1 for a
/// prefix of the log.</param>
/// <param name="Seed">Of the chance that decides on each.</param>
/// <param name="Name">Says all that is needed to make the same state again.</param>
internal readonly record struct CutPlace(int Changes, double Survival, int Seed, string Name)
{
    private static readonly double[] s_likely = [0.5, 0.9, 0.1];

    /// <summary>Places spread over all of a log, as many prefixes as subsets.</summary>
    /// <param name="seed">Of the chance.</param>
    /// <param name="states">How many.</param>
    /// <param name="first">The least number of changes.</param>
    /// <param name="last">The greatest.</param>
    internal static IEnumerable<CutPlace> Spread(int seed, int states, int first, int last)
    {
        Random random = new(seed);
        for (int i = 0; i < states; i++)
        {
            // Each state has a stretch of the log to itself, so that none is left out.
            double place = (i + random.NextDouble()) / states;
            int changes = Math.Min(first + (int)(place * (last - first + 1)), last);
            double survival = i % 2 == 0 ? 1 : s_likely[i / 2 % s_likely.Length];
            int stateSeed = random.Next();
            yield return new(
                changes,
                survival,
                stateSeed,
                $"Cut at {changes} of {last} with survival {survival}, seed {stateSeed}.");
        }
    }
}
