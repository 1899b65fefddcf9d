namespace VMSeed.Disks.Tests.Harness;

/// <summary>What is wrong with a <see cref="ToyDisk"/>: each a fault that formats have
/// had.</summary>
public enum ToyFault
{
    None,

    /// <summary>Table entries may reach the disk before what they point to.</summary>
    EntriesBeforeData,

    /// <summary>A block is given away while a durable table still points to it.</summary>
    ReusesAtOnce,

    /// <summary>A flush of the disk is none of the file.</summary>
    FlushIsNone,

    /// <summary>A new block keeps what its last owner wrote.</summary>
    KeepsStaleBytes,

    /// <summary>Two tasks may be given the same block.</summary>
    AllocatesUnlocked,

    /// <summary>An opening for reading marks the file.</summary>
    ReaderWrites,

    /// <summary>Each read makes a little garbage.</summary>
    ReadsAllocate,

    /// <summary>A freed block is still mapped as zeros with the bytes in it.</summary>
    MapsDataAsZero,
}
