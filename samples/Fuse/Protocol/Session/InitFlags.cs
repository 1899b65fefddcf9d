namespace VMSeed.Fuse.Protocol.Session;

/// <summary>What both sides agree on in FUSE_INIT: the flags of linux/fuse.h that are of use
/// here.</summary>
[Flags]
internal enum InitFlags : uint
{
    None = 0,

    /// <summary>Several reads of one open file at a time: read-ahead does not wait for
    /// itself.</summary>
    AsyncRead = 1 << 0,

    /// <summary>Lookups of "." and ".." by node are answered, so that the mount can be
    /// exported.</summary>
    ExportSupport = 1 << 4,

    /// <summary>Writes larger than a page; implied since Linux 4.2.</summary>
    BigWrites = 1 << 5,

    /// <summary>Entries come with their attributes: <c>ls -l</c> costs one request.</summary>
    DoReadDirPlus = 1 << 13,

    /// <summary>The kernel chooses between the two kinds of directory reads.</summary>
    ReadDirPlusAuto = 1 << 14,

    /// <summary>Direct reads keep their queue depth; without it a loop device would read one by
    /// one.</summary>
    AsyncDio = 1 << 15,

    /// <summary>Lookups in one directory need not wait for each other.</summary>
    ParallelDirOps = 1 << 18,

    /// <summary>Requests may exceed 128 KiB: <see cref="InitOut.MaxPages"/> is read.</summary>
    MaxPages = 1 << 22,

    /// <summary>The page cache is dropped on demand only, never because a time stamp
    /// moved.</summary>
    ExplicitInvalData = 1 << 25,
}
