using VMSeed.Blocks.Publishing.Heads;

namespace VMSeed.Blocks.Publishing;

/// <summary>What garbage collection keeps.</summary>
public sealed record CollectOptions
{
    internal const int DefaultVersions = 3;

    // Readers that opened an old version go on reading it for as long as they are up.
    internal static readonly TimeSpan DefaultHeadAge = TimeSpan.FromDays(30);

    // A publish that was killed is tried again within days; a mirror is copied within days.
    internal static readonly TimeSpan DefaultObjectAge = TimeSpan.FromDays(7);

    /// <summary>Versions of each image that are kept whatever their age.</summary>
    /// <value>At least 1; 3 by default.</value>
    public int KeepVersions { get; init; } = DefaultVersions;

    /// <summary>How old a version must be to be dropped.</summary>
    /// <value>30 days by default.</value>
    public TimeSpan KeepHeadsFor { get; init; } = DefaultHeadAge;

    /// <summary>How old an object must be, and a file that was never finished.</summary>
    /// <value>7 days by default.</value>
    public TimeSpan KeepObjectsFor { get; init; } = DefaultObjectAge;

    /// <summary>Whether only to count.</summary>
    public bool DryRun { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Versions that are kept besides: those that a mirror's source has.</summary>
    internal Func<string, long, bool>? IsPinned { get; init; }

    /// <summary>Checks all of it.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every
    /// fault.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Require(KeepVersions >= 1, $"KeepVersions {KeepVersions} is not at least 1.");
        faults.Require(KeepHeadsFor >= TimeSpan.Zero, $"KeepHeadsFor {KeepHeadsFor} is negative.");
        faults.Require(
            KeepObjectsFor >= TimeSpan.Zero, $"KeepObjectsFor {KeepObjectsFor} is negative.");
        faults.Throw("The options of the collection are not valid");
    }
}
