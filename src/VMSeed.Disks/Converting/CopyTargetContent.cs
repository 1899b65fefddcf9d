namespace VMSeed.Disks.Converting;

/// <summary>What is known of a target before it is copied onto.</summary>
public enum CopyTargetContent
{
    /// <summary>Nothing: every byte is written or zeroed.</summary>
    Unknown = 0,

    /// <summary>It reads as zeros everywhere: the source's zeros cost nothing.</summary>
    Zeros = 1,

    /// <summary>Most of what will be copied: it is read, and only what differs is written. For a
    /// differencing image over a disk that is like the source.</summary>
    Similar = 2,
}
