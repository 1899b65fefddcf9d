namespace VMSeed.ImageBuilder.Boot.Tables;

/// <summary>How a disk is parted.</summary>
internal enum PartitionScheme
{
    /// <summary>Not at all: the disk is one file system.</summary>
    None = 0,

    /// <summary>By a table in the boot sector.</summary>
    Mbr = 1,

    /// <summary>By a GUID partition table.</summary>
    Gpt = 2,
}
