namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>What a reader must know to use the image: the incompatible features.</summary>
[Flags]
internal enum Qcow2Features : ulong
{
    None = 0,

    /// <summary>Refcounts may be wrong: whoever wrote the image last has not closed it.</summary>
    Dirty = 1,

    /// <summary>Somebody has met a fault in the tables: to be repaired before anything is
    /// written.</summary>
    Corrupt = 2,

    /// <summary>Data lies in a file of its own.</summary>
    DataFile = 4,

    /// <summary>Clusters are compressed with what the header says, not with deflate.</summary>
    CompressionType = 8,

    /// <summary>L2 entries have 16 bytes and tell 32 subclusters apart.</summary>
    ExtendedL2 = 16,
}
