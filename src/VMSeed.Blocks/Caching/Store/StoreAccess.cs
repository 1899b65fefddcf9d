namespace VMSeed.Blocks.Caching.Store;

/// <summary>What a process may do with a store.</summary>
internal enum StoreAccess
{
    /// <summary>Read, while others may evict.</summary>
    Read = 0,

    /// <summary>Read, and put blocks where nothing has been: it cannot tell the others' readers of
    /// an eviction.</summary>
    Add = 1,

    /// <summary>Everything.</summary>
    Change = 2,
}
