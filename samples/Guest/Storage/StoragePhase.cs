namespace VMSeed.Guest.Storage;

/// <summary>How far the storage daemon is.</summary>
internal enum StoragePhase
{
    /// <summary>It looks for a head that it may believe.</summary>
    Opening = 0,

    /// <summary>The disk is attached.</summary>
    Ready = 1,

    /// <summary>It cannot go on, and has ended.</summary>
    Failed = 2,
}
