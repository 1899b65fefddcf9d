using VMSeed.Blocks.Images.Heads;

namespace VMSeed.ImageBuilder.Boot;

/// <summary>What to take out of a disk that is to boot from a seed.</summary>
public sealed record BootPackOptions
{
    /// <summary>The disk as a local raw file, where it is one.</summary>
    /// <value>Null by default: the root's partition is copied to a temporary file
    /// first.</value>
    public string? RawPath { get; init; }

    /// <summary>Where the root file system is.</summary>
    /// <value>Null by default: it is looked for.</value>
    public BootRoot? Root { get; init; }

    /// <summary>The release of the kernel, as <c>uname -r</c> says it.</summary>
    /// <value>Null by default: the newest that has its modules.</value>
    public string? Release { get; init; }

    /// <summary>Hears of bytes copied, and of how many there are, while a partition is being
    /// copied.</summary>
    public IProgress<(long Done, long Total)>? Progress { get; init; }
}
