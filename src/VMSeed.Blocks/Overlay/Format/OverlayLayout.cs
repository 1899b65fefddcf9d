namespace VMSeed.Blocks.Overlay.Format;

// An overlay is one sparse file:
//
//        0   header                 what the overlay is, and what it lies over; written once
//  128 KiB   state map              two bits for each block of 4 KiB: base, data, or zero
//        …   data, at a MiB bound   block n of the disk at n × 4 KiB, and nowhere else
//
// * Every block has its own place from the beginning. There is no table to be looked up, no space
//   to be handed out, nothing to be freed, and no way for a block to show another one's old bytes;
//   neighbours on the disk are neighbours in the file, so that a read of a MiB is one pread. The
//   file system below has a tree of extents already, journaled, balanced, cached: a second one on
//   top of it, as in QCOW2, is work done twice.
// * The price: the file looks as long as the disk, and needs a file system that has holes. All that
//   Linux, Windows and macOS install on have them.
// * The map stands before the data and not beside it: all of it is read by one sequential read (16
//   MiB for 256 GiB), and the data keeps the alignment of the disk.
// * Blocks of 4 KiB: what file systems, databases and page caches write. Whoever writes less into a
//   block that the overlay has not makes it read the rest from the base, once.

/// <summary>The arithmetic of an overlay: bytes, blocks of 4 KiB, pages of the state map.</summary>
internal sealed class OverlayLayout
{
    internal const int BlockSize = 1 << BlockShift;

    /// <summary>Blocks whose states stand in one page of the map: 64 MiB of disk.</summary>
    internal const int BlocksOfPage = StatePage.Size * 4;

    /// <summary>Where the state map begins: the header, with the largest signed head in it, ends
    /// before.</summary>
    internal const long MapOffset = 128 * 1024;

    /// <summary>A page of the state map is found through an array with an entry for each 64 MiB of
    /// disk: 8 MiB of memory for the largest.</summary>
    internal const long MaxLength = 64L << 40;

    private const int BlockShift = 12;
    private const int PageShift = 14;

    // What the data is aligned to: large pages, erase blocks, and the stripes of arrays, so that
    // what the guest has aligned stays aligned.
    private const long DataAlignment = 1024 * 1024;

    internal OverlayLayout(long length)
    {
        Length = length;
        BlockCount = (length + BlockSize - 1) >> BlockShift;
        PageCount = (int)((BlockCount + BlocksOfPage - 1) >> PageShift);
        long mapEnd = MapOffset + ((long)PageCount * StatePage.Size);
        DataOffset = (mapEnd + DataAlignment - 1) / DataAlignment * DataAlignment;
    }

    /// <summary>Bytes of the disk.</summary>
    internal long Length { get; }

    internal long BlockCount { get; }

    internal int PageCount { get; }

    /// <summary>Where the disk's first byte has its place.</summary>
    internal long DataOffset { get; }

    /// <summary>Bytes of the overlay's file.</summary>
    internal long FileLength => DataOffset + Length;

    internal static long BlockAt(long offset) => offset >> BlockShift;

    internal static long OffsetOf(long block) => block << BlockShift;

    internal static int PlaceInBlock(long offset) => (int)(offset & (BlockSize - 1));

    internal static int PageOf(long block) => (int)(block >> PageShift);

    internal static int PlaceInPage(long block) => (int)(block & (BlocksOfPage - 1));

    internal static long OffsetOfPage(int page) => MapOffset + ((long)page * StatePage.Size);

    /// <summary>The first block after a range that is not empty.</summary>
    internal static long BlockAfter(long end) => BlockAt(end - 1) + 1;

    /// <summary>Where a byte of the disk has its place in the file.</summary>
    internal long PlaceOf(long offset) => DataOffset + offset;

    /// <summary>Where a block ends on the disk: the last one may be short.</summary>
    internal long EndOf(long block) => Math.Min(Length, OffsetOf(block + 1));
}
