namespace VMSeed.Blocks.Caching.Layout;

/// <summary>Where things lie in a store of a given size.</summary>
/// <remarks>
/// In units of 4 KiB, in this order:
/// <list type="number">
/// <item>Superblock: says what the rest is, and is written last when a store is begun.</item>
/// <item>State: the journal's head and the name of the shared memory; true only among processes
/// that are alive together, and written anew by the first of the next.</item>
/// <item>Journal: a ring of the directory slots that changed last.</item>
/// <item>Directory: pages of 128 entries; a digest has its place in one page.</item>
/// <item>Blocks, to the end.</item>
/// </list>
/// The metadata come first so that the blocks can grow to the end, lowest address first: a file
/// that is not full yet, or a virtual disk below a partition, grows no further than it must.
/// </remarks>
/// <param name="Units">Units of the store, its metadata included.</param>
/// <param name="Pages">Pages of the directory.</param>
internal sealed record StoreGeometry(long Units, int Pages)
{
    /// <summary>Bytes of a unit.</summary>
    /// <remarks>A page of memory, a block of most file systems, the smallest block of an
    /// image.</remarks>
    public const int UnitBytes = 4096;

    /// <summary>Entries of a directory page.</summary>
    public const int PageEntries = UnitBytes / DirectoryEntry.Bytes;

    /// <summary>Changes that the journal remembers.</summary>
    /// <remarks>Whoever missed more reads the directory again, which costs about as much as reading
    /// this many entries one by one.</remarks>
    public const int JournalSlots = 16 * 1024;

    /// <summary>The unit of the state page.</summary>
    public const int StateUnit = 1;

    /// <summary>The first unit of the journal.</summary>
    public const int JournalUnit = 2;

    /// <summary>The first unit of the directory.</summary>
    public const int DirectoryUnit = JournalUnit + (JournalSlots * sizeof(uint) / UnitBytes);

    // Entries of a page that are in use when the directory is as full as it is meant to be: 75 %.
    // A page with 96 on average overflows (128) once in a thousand times, and costs an eviction
    // then.
    private const int PageLoad = 96;

    // What a file system keeps to find the file's pieces counts as the file's: at worst a piece a
    // block, 12 bytes in ext4 for 4 KiB, mostly for 64 KiB. Left out of the store's own length.
    private const int ExtentShare = 512;

    // 8 TiB: nobody caches so much yet, and an index of a unit is an int.
    private const long MaxUnits = int.MaxValue;

    /// <summary>Units that blocks of at least as many begin at multiples of.</summary>
    /// <remarks>The page cache keeps what is written in one piece of 64 KiB, at a multiple of that,
    /// as one folio, and finds a page of it 12 % faster than among sixteen of 4 KiB (826 and 727 ns
    /// for a random read). More would waste more behind pieces of odd length.</remarks>
    public const int Alignment = 16;

    /// <summary>The first unit of the blocks.</summary>
    public int DataUnit => (DirectoryUnit + Pages + Alignment - 1) & -Alignment;

    /// <summary>Bytes before the first block.</summary>
    public long MetadataBytes => (long)DataUnit * UnitBytes;

    /// <summary>Entries that the directory has room for.</summary>
    public int Slots => Pages * PageEntries;

    /// <summary>The store's length in bytes.</summary>
    public long Bytes => Units * UnitBytes;

    /// <summary>The geometry of a file that may occupy so many bytes on its file system.</summary>
    /// <param name="bytes">The cap, in bytes.</param>
    /// <param name="averageBlock">Stored bytes of a block, on average; decides on the
    /// directory.</param>
    /// <returns>The geometry.</returns>
    public static StoreGeometry OfFile(long bytes, int averageBlock) =>
        OfDevice(bytes - (bytes / ExtentShare), averageBlock);

    /// <summary>The geometry of a device of so many bytes.</summary>
    /// <param name="bytes">The device's length.</param>
    /// <param name="averageBlock">Stored bytes of a block, on average.</param>
    /// <returns>The geometry.</returns>
    public static StoreGeometry OfDevice(long bytes, int averageBlock)
    {
        long units = Math.Min(bytes / UnitBytes, MaxUnits);
        long entries = Math.Max(1, units * UnitBytes / averageBlock);
        return new(units, (int)((entries + PageLoad - 1) / PageLoad));
    }

    /// <summary>Units that so many bytes occupy.</summary>
    /// <param name="bytes">A number of bytes.</param>
    /// <returns>The number of units.</returns>
    public static int UnitsOf(int bytes) => (bytes + UnitBytes - 1) / UnitBytes;

    /// <summary>The directory page of a digest.</summary>
    /// <param name="prefix">Its first 64 bits.</param>
    /// <returns>The page's index.</returns>
    public int PageOf(ulong prefix) => (int)Math.BigMul(prefix, (ulong)Pages, out _);

    /// <summary>Where a directory entry lies.</summary>
    /// <param name="slot">Its slot.</param>
    /// <returns>The offset in bytes.</returns>
    public static long OffsetOfSlot(int slot) =>
        ((long)DirectoryUnit * UnitBytes) + ((long)slot * DirectoryEntry.Bytes);

    /// <summary>Whether a store of this geometry makes sense: what a damaged superblock says may
    /// not.</summary>
    /// <returns>True when it does.</returns>
    public bool IsSound() =>
        Pages > 0 && Units <= MaxUnits && Pages < Units && DataUnit < Units
        && Pages <= int.MaxValue / PageEntries;
}
