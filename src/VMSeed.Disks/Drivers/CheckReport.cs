namespace VMSeed.Disks.Drivers;

/// <summary>What a check has found.</summary>
/// <param name="Errors">Faults that endanger data, a sentence each; at most
/// <see cref="MaxSentences"/> are kept.</param>
/// <param name="Leaks">Faults that only waste space, a sentence each; as many.</param>
public sealed record CheckReport(IReadOnlyList<string> Errors, IReadOnlyList<string> Leaks)
{
    /// <summary>The most sentences of each kind: 1,000; an image of noise has millions of
    /// faults.</summary>
    public const int MaxSentences = 1000;

    /// <summary>How many errors there are.</summary>
    public long ErrorCount { get; init; } = Errors.Count;

    /// <summary>How many leaks there are.</summary>
    public long LeakCount { get; init; } = Leaks.Count;

    /// <summary>How many faults were repaired; they are counted above too.</summary>
    public long RepairedCount { get; init; }

    /// <summary>Bytes of the disk that the image, without its parents, has storage for.</summary>
    public long AllocatedBytes { get; init; }

    /// <summary>Whether nothing was found, or all of it was repaired.</summary>
    public bool IsClean => ErrorCount + LeakCount == RepairedCount;
}
