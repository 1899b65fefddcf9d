namespace VMSeed.Blocks.Caching;

/// <summary>What a cache holds, and what this opening of it has done.</summary>
public sealed class BlockCacheStatistics
{
    internal BlockCacheStatistics()
    {
    }

    /// <summary>What the cache may occupy, in bytes.</summary>
    public long MaxBytes { get; internal init; }

    /// <summary>What its blocks and its metadata occupy, in bytes.</summary>
    public long UsedBytes { get; internal init; }

    /// <summary>Blocks in it.</summary>
    public long Blocks { get; internal init; }

    /// <summary>Plain bytes of its blocks.</summary>
    public long PlainBytes { get; internal init; }

    /// <summary>Bytes that its blocks occupy in the form in which they are kept, in whole units of
    /// 4 KiB.</summary>
    public long StoredBytes { get; internal init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Created { get; internal init; }

    /// <summary>Blocks that this opening found when it looked for them.</summary>
    public long Hits { get; internal init; }

    /// <summary>Blocks that this opening did not find.</summary>
    public long Misses { get; internal init; }

    /// <summary>Blocks that this opening put.</summary>
    public long Puts { get; internal init; }

    /// <summary>Blocks that this opening evicted.</summary>
    public long Evictions { get; internal init; }

    /// <summary>Blocks that this opening dropped because their bytes were wrong.</summary>
    public long Dropped { get; internal init; }

    /// <summary>Whether blocks that come are kept at the moment.</summary>
    public bool TakesBlocks { get; internal init; }
}
