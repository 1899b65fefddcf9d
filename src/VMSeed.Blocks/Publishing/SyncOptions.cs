using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing;

/// <summary>What is copied onto a mirror, and what goes.</summary>
public sealed record SyncOptions
{
    /// <summary>The one image that is copied out of a repository's folder.</summary>
    /// <value>Null by default: all of them. The address of an image says itself which.</value>
    public string? Image { get; init; }

    /// <summary>The keys of which one must have signed each head.</summary>
    /// <value>None by default: an address may carry one as its fragment. Heads of a local folder
    /// are then taken as they are; those of a web server only with <see cref="AllowUnsigned"/>.
    /// </value>
    public IReadOnlyList<PublicKey> PublicKeys { get; init; } = [];

    /// <summary>Whether a head of a web server is taken that no given key vouches for.</summary>
    /// <value>False by default: anybody on the way could put an image of his own onto the mirror.
    /// Its readers, who have the key, would refuse it; they would also be without the mirror.
    /// </value>
    public bool AllowUnsigned { get; init; }

    /// <summary>Whether objects that the mirror has are read and hashed, instead of only measured.
    /// </summary>
    /// <value>False by default. What is wrong is copied again.</value>
    public bool VerifyPresent { get; init; }

    /// <summary>What goes from the mirror once everything is copied.</summary>
    /// <value>Null by default: nothing. What a collection of garbage with these options would keep
    /// stays, and so does every version that the source has.</value>
    public CollectOptions? Collect { get; init; }

    /// <summary>The client that requests go through; it stays the caller's.</summary>
    /// <value>Null by default: a client of the copy's own.</value>
    public HttpClient? HttpClient { get; init; }

    /// <summary>How long an object is tried for before the copy fails.</summary>
    /// <value>60 s by default; 100 ms to 1 day.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a server may send nothing before its request is given up.</summary>
    /// <value>10 s by default; 10 ms to 10 minutes.</value>
    public TimeSpan NoProgressTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks all of it.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every
    /// fault.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        faults.Require(
            Image is null || Images.RepositoryPaths.IsImageName(Image),
            $"Image '{Image}' is no name of an image.");
        faults.Require(
            ReadDeadline.TotalMilliseconds is >= 100 and <= 86_400_000,
            $"ReadDeadline {ReadDeadline} is not 100 ms to 1 day.");
        faults.Require(
            NoProgressTimeout.TotalMilliseconds is >= 10 and <= 600_000,
            $"NoProgressTimeout {NoProgressTimeout} is not 10 ms to 10 minutes.");
        faults.Throw("The options of the copy are not valid");
        Collect?.Validate();
    }
}
