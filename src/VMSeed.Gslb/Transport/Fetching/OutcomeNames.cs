using VMSeed.Gslb.Mirrors;

namespace VMSeed.Gslb.Transport.Fetching;

/// <summary>Outcomes as tags: texts that exist already, for a tag must not cost memory.</summary>
internal static class OutcomeNames
{
    private static readonly string[] _names =
    [
        .. Enum.GetNames<AttemptOutcome>().Select(name => name.ToLowerInvariant()),
    ];

    /// <summary>The name of an outcome.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>In small letters.</returns>
    public static string Of(AttemptOutcome outcome) => _names[(int)outcome];
}
