namespace VMSeed.Blocks.Images;

/// <summary>The arithmetic of blocks and index pages (docs/IMAGE-FORMAT.md, sections 2 and
/// 4).</summary>
/// <remarks>All division between bytes, blocks and pages happens here.</remarks>
internal sealed class ImageGeometry
{
    public const int MinBlockSize = 4 * 1024;
    public const int MaxBlockSize = 1024 * 1024;
    public const int DefaultBlockSize = 64 * 1024;

    public const int MinFanout = 16;
    public const int MaxFanout = 8192;
    public const int DefaultFanout = 1024;

    /// <summary>Beyond it a sum of two offsets could overflow.</summary>
    public const long MaxLength = 1L << 62;

    /// <summary>Bounds the walk of a reader; a fanout of 1,024 needs 3 levels for 1 TiB.</summary>
    public const int MaxLevels = 8;

    private readonly int _blockShift;
    private readonly int _fanoutShift;

    public ImageGeometry(long length, int blockSize, int fanout)
    {
        Check(length is >= 0 and <= MaxLength, $"The length {length} is not between 0 and 2^62.");
        Check(
            blockSize is >= MinBlockSize and <= MaxBlockSize && int.IsPow2(blockSize),
            $"The block size {blockSize} is not a power of two from 4 KiB to 1 MiB.");
        Check(
            fanout is >= MinFanout and <= MaxFanout && int.IsPow2(fanout),
            $"The fanout {fanout} is not a power of two from {MinFanout} to {MaxFanout}.");
        Length = length;
        BlockSize = blockSize;
        Fanout = fanout;
        _blockShift = int.Log2(blockSize);
        _fanoutShift = int.Log2(fanout);
        BlockCount = (length + blockSize - 1) >> _blockShift;
        Levels = 1;
        for (long pages = Divide(BlockCount, fanout); pages > 1; pages = Divide(pages, fanout))
        {
            Levels++;
        }

        Check(Levels <= MaxLevels, $"{Levels} index levels are more than {MaxLevels}.");
    }

    public long Length { get; }

    public int BlockSize { get; }

    public int Fanout { get; }

    public long BlockCount { get; }

    public int Levels { get; }

    public long LeafCount => EntryCount(1);

    public long BlockAt(long offset) => offset >> _blockShift;

    public long OffsetOf(long block) => block << _blockShift;

    public int PlaceInBlock(long offset) => (int)(offset & (BlockSize - 1));

    /// <summary>The page that has an entry, among those of the entry's level.</summary>
    public long PageOf(long entry) => entry >> _fanoutShift;

    public int PlaceInPage(long entry) => (int)(entry & (Fanout - 1));

    /// <summary>The true length of a block: the last one may be short.</summary>
    public int BlockLength(long block) => (int)Math.Min(BlockSize, Length - OffsetOf(block));

    /// <summary>How many entries the pages of a level have together.</summary>
    public long EntryCount(int level)
    {
        long count = BlockCount;
        for (; level > 0; level--)
        {
            count = Divide(count, Fanout);
        }

        return count;
    }

    /// <summary>How many entries a page has: all are full but the last of its level.</summary>
    public int EntriesOfPage(int level, long page) =>
        (int)Math.Min(Fanout, EntryCount(level) - (page * Fanout));

    private static long Divide(long value, int by) => (value + by - 1) / by;

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
