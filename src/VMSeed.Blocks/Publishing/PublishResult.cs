using VMSeed.Blocks.Images.Heads;

namespace VMSeed.Blocks.Publishing;

/// <summary>What a publish came to.</summary>
public sealed record PublishResult
{
    /// <summary>The newest head, as readers find it.</summary>
    public required ImageHead Head { get; init; }

    /// <summary>The file of the newest head.</summary>
    public required string HeadPath { get; init; }

    /// <summary>Whether the newest version held the same already, and no version was
    /// made.</summary>
    public required bool IsUnchanged { get; init; }

    /// <summary>Blocks that were compressed and stored.</summary>
    public required long NewBlocks { get; init; }

    /// <summary>Blocks that are not zero and were in the repository before, or on this disk
    /// twice.</summary>
    public required long KnownBlocks { get; init; }

    /// <summary>Blocks of zeros, which are not stored.</summary>
    public required long ZeroBlocks { get; init; }

    /// <summary>Bytes by which the repository grew, heads aside.</summary>
    public required long NewBytes { get; init; }

    /// <summary>The image's version.</summary>
    public long Version => Head.Version;
}
