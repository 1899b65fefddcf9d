using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Heads;
using VMSeed.Blocks.Trust;

namespace VMSeed.Blocks.Publishing;

/// <summary>What to publish a disk as, and where.</summary>
public sealed record PublishOptions
{
    internal const int DefaultLevel = 3;

    // A ranged GET never crosses packs, so a tiny pack is a tiny request; above, tools that copy
    // repositories re-send a whole pack after an interruption.
    internal const int MinPackLength = 64 * 1024;
    internal const int MaxPackLength = 512 * 1024 * 1024;
    internal const int DefaultPackLength = 8 * 1024 * 1024;

    // Each worker has two batches of 2 MiB.
    internal const int MaxWorkers = 256;

    /// <summary>The repository's folder; it is made where it does not exist.</summary>
    public required string RepositoryPath { get; init; }

    /// <summary>The image's name.</summary>
    /// <value>1 to 64 ASCII letters, digits, dots, underscores and hyphens.</value>
    public required string Name { get; init; }

    /// <summary>The keys that sign the head.</summary>
    /// <value>Up to 8; none only with <see cref="AllowUnsigned"/>.</value>
    public IReadOnlyList<SecretKey> Keys { get; init; } = [];

    /// <summary>Whether a head may be published that nobody signed.</summary>
    public bool AllowUnsigned { get; init; }

    /// <summary>Bytes of a block.</summary>
    /// <value>A power of two from 4 KiB to 1 MiB; 64 KiB by default.</value>
    public int BlockSize { get; init; } = ImageGeometry.DefaultBlockSize;

    /// <summary>Entries of an index page.</summary>
    /// <value>16 to 8,192; 1,024 by default.</value>
    public int Fanout { get; init; } = ImageGeometry.DefaultFanout;

    /// <summary>What compresses blocks, where it makes them smaller.</summary>
    public FrameCodec Codec { get; init; } = FrameCodec.Zstd;

    /// <summary>How hard it tries.</summary>
    /// <value>1 to 22 for zstd, 1 to 9 for deflate; 3 by default.</value>
    public int Level { get; init; } = DefaultLevel;

    /// <summary>Bytes after which a pack is closed.</summary>
    /// <value>64 KiB to 512 MiB; 8 MiB by default.</value>
    public int PackLength { get; init; } = DefaultPackLength;

    /// <summary>When readers stop accepting the head from a server.</summary>
    /// <value>Never by default; not together with <see cref="ExpiresAfter"/>.</value>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>How long after now readers stop accepting the head from a server.</summary>
    /// <value>At least one second.</value>
    public TimeSpan? ExpiresAfter { get; init; }

    /// <summary>Addresses of roots of equal repositories.</summary>
    /// <value>Absolute http or https addresses.</value>
    public IReadOnlyList<Uri> Mirrors { get; init; } = [];

    /// <summary>Kernel, initrd and the like, in the order of loading.</summary>
    public IReadOnlyList<BootFileSource> BootFiles { get; init; } = [];

    /// <summary>Where the root file system is, for who boots the image.</summary>
    public BootRoot? BootRoot { get; init; }

    /// <summary>The kernel's arguments.</summary>
    public string? BootArguments { get; init; }

    /// <summary>Threads that compress.</summary>
    /// <value>1 to 256; as many as there are processors by default.</value>
    public int Workers { get; init; } = Math.Min(MaxWorkers, Environment.ProcessorCount);

    /// <summary>The version that the disk was made from, where it was: only upon that one is it
    /// published, and boot files that are not given are its.</summary>
    /// <value>Null by default: the disk owes nothing to what was published before.</value>
    public ImageHead? BasedOn { get; init; }

    /// <summary>Whether to make a new version also of what the newest version holds
    /// already.</summary>
    public bool Force { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What publishes a changed disk as the version after the one that it was made
    /// from.</summary>
    /// <param name="head">That version.</param>
    /// <param name="repositoryPath">The repository's folder, which has it.</param>
    /// <returns>Options with its name, its shape and its mirrors; keys are still to be
    /// given.</returns>
    public static PublishOptions After(ImageHead head, string repositoryPath)
    {
        ArgumentNullException.ThrowIfNull(head);
        return new PublishOptions
        {
            RepositoryPath = repositoryPath,
            Name = head.Name,
            BlockSize = head.Disk.BlockSize,
            Fanout = head.Index.Fanout,
            Mirrors = head.Mirrors,
            BasedOn = head,
        };
    }

    /// <summary>Checks all of it.</summary>
    /// <exception cref="ArgumentException">Something is wrong; the message has every
    /// fault.</exception>
    internal void Validate()
    {
        var faults = new FaultList();
        SigningRules.Check(
            faults, RepositoryPath, Name, Keys, AllowUnsigned, Expires, ExpiresAfter, TimeProvider);
        CheckShape(faults);
        faults.Require(
            PackLength is >= MinPackLength and <= MaxPackLength,
            $"PackLength {PackLength} is not between {MinPackLength} and {MaxPackLength} bytes.");
        faults.Require(
            Workers is >= 1 and <= MaxWorkers,
            $"Workers {Workers} is not between 1 and {MaxWorkers}.");
        foreach (Uri mirror in Mirrors)
        {
            faults.Require(HeadJson.IsMirror(mirror),
                $"The mirror {mirror} is not absolute http(s).");
        }

        foreach (BootFileSource file in BootFiles)
        {
            faults.Require(
                HeadJson.IsBootFile(file.Role, file.Name),
                $"The boot file '{file.Name}' in the role '{file.Role}' cannot be: the roles are "
                + $"{string.Join(", ", HeadJson.BootRoles)}, and a name has no folder.");
            faults.Require(File.Exists(file.Path), $"The boot file {file.Path} does not exist.");
        }

        faults.Throw("The options of the publish are not valid");
    }

    private void CheckShape(FaultList faults)
    {
        faults.Require(
            BlockSize is >= ImageGeometry.MinBlockSize and <= ImageGeometry.MaxBlockSize
                && int.IsPow2(BlockSize),
            $"BlockSize {BlockSize} is not a power of two from 4 KiB to 1 MiB.");
        faults.Require(
            Fanout is >= ImageGeometry.MinFanout and <= ImageGeometry.MaxFanout,
            $"Fanout {Fanout} is not between {ImageGeometry.MinFanout} and "
            + $"{ImageGeometry.MaxFanout}.");
        faults.Require(FrameDecoder.Knows(Codec), $"Codec {Codec} is not known.");
        faults.Require(
            Codec == FrameCodec.None || (Level >= 1 && Level <= FrameEncoder.MaxLevel(Codec)),
            $"Level {Level} is not between 1 and {FrameEncoder.MaxLevel(Codec)} for {Codec}.");
    }
}
