using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing;

/// <summary>How to sign the newest head of an image anew.</summary>
public sealed record SignOptions
{
    /// <summary>The repository's folder.</summary>
    public required string RepositoryPath { get; init; }

    /// <summary>The image's name.</summary>
    public required string Name { get; init; }

    /// <summary>The keys that sign.</summary>
    /// <value>1 to 8.</value>
    public required IReadOnlyList<SecretKey> Keys { get; init; }

    /// <summary>Whether to leave the head as it is, and its other signatures beside the new
    /// ones.</summary>
    /// <value>False by default: the head is dated anew, and only the new signatures remain. A head
    /// whose text stays can get no other expiry.</value>
    public bool KeepSignatures { get; init; }

    /// <summary>When readers stop accepting the head from a server.</summary>
    /// <value>Never by default; not together with <see cref="ExpiresAfter"/>.</value>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>How long after now readers stop accepting the head from a server.</summary>
    /// <value>At least one second.</value>
    public TimeSpan? ExpiresAfter { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks all of it.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every
    /// fault.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        SigningRules.Check(
            faults, RepositoryPath, Name, Keys, false, Expires, ExpiresAfter, TimeProvider);
        faults.Require(
            !KeepSignatures || (Expires is null && ExpiresAfter is null),
            "KeepSignatures leaves the head as it is: Expires and ExpiresAfter cannot be set.");
        faults.Throw("The options of the signing are not valid");
    }
}
