namespace VMSeed.Blocks.Caching;

/// <summary>How far the verification of a cache has come.</summary>
public sealed class BlockCacheVerification
{
    internal BlockCacheVerification(long total) => Total = total;

    /// <summary>Blocks whose bytes have been hashed.</summary>
    public long Checked { get; internal set; }

    /// <summary>Blocks whose bytes were wrong, or could not be read; they are dropped.</summary>
    public long Bad { get; internal set; }

    /// <summary>Plain bytes of the blocks that were hashed.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Blocks that there were when it began.</summary>
    public long Total { get; }
}
