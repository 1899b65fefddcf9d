namespace VMSeed.Guest.Storage;

/// <summary>What the storage daemon says of itself.</summary>
internal sealed record StorageStatus
{
    public required StoragePhase Phase { get; init; }

    /// <summary>Why it has failed.</summary>
    public string? Failure { get; init; }

    /// <summary>The image's name, its version, and where it is read from.</summary>
    public string? Image { get; init; }

    public long Version { get; init; }

    public string? Address { get; init; }

    /// <summary>The disk's size in bytes.</summary>
    public long Length { get; init; }

    /// <summary>The partition of the root; 0 for the whole disk.</summary>
    public int RootPartition { get; init; }

    public string? RootFileSystem { get; init; }

    /// <summary>The digests of the kernel and of its modules' archive, in hexadecimal.</summary>
    public string? Kernel { get; init; }

    public string? Modules { get; init; }

    /// <summary>What the image wants on the kernel's command line.</summary>
    public string? Arguments { get; init; }

    /// <summary>Requests to mirrors, and the bytes that they asked for.</summary>
    public long Requests { get; init; }

    public long RequestedBytes { get; init; }

    /// <summary>Parts of blocks that were here, and those that were waited for.</summary>
    public long Hits { get; init; }

    public long Misses { get; init; }

    /// <summary>Blocks in the cache, the bytes that they occupy, and how many it may.</summary>
    public long CachedBlocks { get; init; }

    public long CacheUsed { get; init; }

    public long CacheSize { get; init; }

    /// <summary>Since when nobody answers; null while somebody does.</summary>
    public DateTimeOffset? NobodySince { get; init; }

    public IReadOnlyList<MirrorLine> Mirrors { get; init; } = [];
}
