namespace VMSeed.Blocks.Images.Heads;

/// <summary>What boots an image beside its disk.</summary>
/// <param name="Files">Kernel, initrd and the like, in the order of loading.</param>
public sealed record BootSection(IReadOnlyList<BootFile> Files)
{
    /// <summary>Where the root file system is.</summary>
    public BootRoot? Root { get; init; }

    /// <summary>The kernel's arguments.</summary>
    public string? Arguments { get; init; }
}
