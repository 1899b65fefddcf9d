namespace VMSeed.Blocks.Caching.Layout;

/// <summary>Where things lie in a store of a given size.</summary>
/// <remarks>
/// In units of 4 KiB, in this order:
/// <list type="number">
/// <item>Superblock: says what the rest is, and is written last when a store is begun.</item>
/// <item>State: the journal's head and the name of the shared memory; true only among processes
/// that are alive together, and written anew by the first of the next.</item>
/// <item>Journal: a ring of the directory slots that changed last.</item>
/// <item>Directory: pages of 128 entries; a digest has its place in one page. There is room for
/// all that the store could need, and on a device only the first of them are in use at
/// first.</item>
/// <item>Blocks, to the end.</item>
/// </list>
/// The metadata come first so that the blocks can grow to the end, lowest address first: a file
/// that is not full yet, or a virtual disk below a partition, grows no further than it must.
/// <para>A virtual disk grows by units of up to 2 MiB, and digests spread over all pages: the
/// directory of a partition of 16 GiB would touch 21 of them for its first thousand blocks. So it
/// begins small and doubles when it fills. A page then keeps one half of its entries, by a bit of
/// their digests, and the other half goes to the same places of the page that lies as far behind as
/// there were pages: what is in use is always the beginning of the room. A file of a host is sparse
/// by the page; its directory has all its pages from the start, so that processes that share it
/// never meet a change.</para>
/// </remarks>
/// <param name="Units">Units of the store, its metadata included.</param>
/// <param name="BasePages">Pages of the smallest directory.</param>
/// <param name="MaxLevel">How often it may double.</param>
/// <param name="Level">How often it has.</param>
internal sealed record StoreGeometry(long Units, int BasePages, int MaxLevel, int Level)
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

    /// <summary>Pages that a directory which grows begins with at the most.</summary>
    /// <remarks>1 MiB: with what lies before it, a part of the first unit of every format, and
    /// enough for the first 400 MiB of blocks. More would touch a second unit; less would only
    /// double sooner.</remarks>
    public const int FirstPages = 256;

    // 2^31 pages of 128 entries are more than an index of a slot can name.
    private const int GreatestLevel = 24;

    /// <summary>Units that blocks of at least as many begin at multiples of.</summary>
    /// <remarks>The page cache keeps what is written in one piece of 64 KiB, at a multiple of that,
    /// as one folio, and finds a page of it 12 % faster than among sixteen of 4 KiB (826 and 727 ns
    /// for a random read). More would waste more behind pieces of odd length.</remarks>
    public const int Alignment = 16;

    /// <summary>The first unit of the blocks.</summary>
    public int DataUnit =>
        (DirectoryUnit + (BasePages << MaxLevel) + Alignment - 1) & -Alignment;

    /// <summary>Pages of the directory that are in use.</summary>
    public int Pages => BasePages << Level;

    /// <summary>Bytes before the first block.</summary>
    public long MetadataBytes => (long)DataUnit * UnitBytes;

    /// <summary>Entries of the pages that are in use.</summary>
    public int Slots => Pages * PageEntries;

    /// <summary>Entries of the directory when it has doubled as often as it may.</summary>
    public int MaxSlots => (BasePages << MaxLevel) * PageEntries;

    /// <summary>Blocks that the pages in use are meant for.</summary>
    public int Capacity => Pages * PageLoad;

    /// <summary>Whether the directory may double.</summary>
    public bool CanGrow => Level < MaxLevel;

    /// <summary>The store's length in bytes.</summary>
    public long Bytes => Units * UnitBytes;

    /// <summary>The geometry of a file that may occupy so many bytes on its file system.</summary>
    /// <param name="bytes">The cap, in bytes.</param>
    /// <param name="averageBlock">Stored bytes of a block, on average; decides on the
    /// directory.</param>
    /// <returns>The geometry.</returns>
    public static StoreGeometry OfFile(long bytes, int averageBlock) =>
        OfDevice(bytes - (bytes / ExtentShare), averageBlock, int.MaxValue);

    /// <summary>The geometry of a device of so many bytes.</summary>
    /// <param name="bytes">The device's length.</param>
    /// <param name="averageBlock">Stored bytes of a block, on average.</param>
    /// <param name="firstPages">Pages that the directory may begin with.</param>
    /// <returns>The geometry.</returns>
    public static StoreGeometry OfDevice(long bytes, int averageBlock, int firstPages)
    {
        long units = Math.Min(bytes / UnitBytes, MaxUnits);
        long entries = Math.Max(1, units * UnitBytes / averageBlock);
        long pages = (entries + PageLoad - 1) / PageLoad;
        int level = 0;
        while (PartOf(pages, level) > firstPages)
        {
            level++;
        }

        return new(units, (int)PartOf(pages, level), level, 0);
    }

    /// <summary>The same with a directory for so many blocks, as far as it may grow.</summary>
    /// <param name="blocks">A number of blocks.</param>
    /// <returns>The geometry; this one where it suffices.</returns>
    public StoreGeometry GrownFor(long blocks)
    {
        StoreGeometry grown = this;
        while (grown.CanGrow && grown.Capacity < blocks)
        {
            grown = grown with { Level = grown.Level + 1 };
        }

        return grown;
    }

    /// <summary>Units that so many bytes occupy.</summary>
    /// <param name="bytes">A number of bytes.</param>
    /// <returns>The number of units.</returns>
    public static int UnitsOf(int bytes) => (bytes + UnitBytes - 1) / UnitBytes;

    /// <summary>The directory page of a digest.</summary>
    /// <param name="prefix">Its first 64 bits.</param>
    /// <returns>The page's index.</returns>
    public int PageOf(ulong prefix) => PageOf(prefix, Level);

    /// <summary>Whether a page is one that a digest had its place in before the directory
    /// grew.</summary>
    /// <param name="prefix">The digest's first 64 bits.</param>
    /// <param name="page">The page's index.</param>
    /// <returns>True when it is.</returns>
    public bool WasPageOf(ulong prefix, int page)
    {
        for (int level = 0; level < Level; level++)
        {
            if (PageOf(prefix, level) == page)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where a directory entry lies.</summary>
    /// <param name="slot">Its slot.</param>
    /// <returns>The offset in bytes.</returns>
    public static long OffsetOfSlot(int slot) =>
        ((long)DirectoryUnit * UnitBytes) + ((long)slot * DirectoryEntry.Bytes);

    /// <summary>Whether a store of this geometry makes sense: what a damaged superblock says may
    /// not.</summary>
    /// <returns>True when it does.</returns>
    public bool IsSound() =>
        BasePages > 0 && Units <= MaxUnits && MaxLevel is >= 0 and <= GreatestLevel
        && Level >= 0 && Level <= MaxLevel
        && (long)BasePages << MaxLevel <= Math.Min(Units, int.MaxValue / PageEntries)
        && DataUnit < Units;

    // The low bits, of which the position among the base pages knows nothing.
    private int PageOf(ulong prefix, int level) =>
        (int)Math.BigMul(prefix, (ulong)BasePages, out _)
        + (BasePages * (int)(prefix & ((1UL << level) - 1)));

    private static long PartOf(long pages, int level) => (pages + (1L << level) - 1) >> level;
}
