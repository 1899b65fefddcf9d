using System.Numerics;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhdx.Structures;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Tables;

// The block allocation table interleaves two kinds of entries (2.5): after the entries of so many
// blocks as one bitmap has bits for, a chunk, comes the entry of that bitmap; also in disks that
// have no bitmaps.

/// <summary>What follows from a disk's size, its block's and its sector's: where the entry of what
/// lies in the table.</summary>
internal sealed record VhdxGeometry
{
    private readonly int _blockSize;
    private readonly int _sectorSize;

    public required long DiskSize { get; init; }

    public required int BlockSize
    {
        get => _blockSize;
        init => (_blockSize, BlockBits) = (value, BitOperations.Log2((uint)value));
    }

    public required int SectorSize
    {
        get => _sectorSize;
        init => (_sectorSize, SectorBits) = (value, BitOperations.Log2((uint)value));
    }

    /// <summary>The base 2 logarithm of <see cref="BlockSize"/>.</summary>
    public int BlockBits { get; private init; }

    /// <summary>The base 2 logarithm of <see cref="SectorSize"/>.</summary>
    public int SectorBits { get; private init; }

    public required bool HasParent { get; init; }

    public required VhdxRegion Bat { get; init; }

    /// <summary>Blocks that one bitmap has bits for.</summary>
    public long ChunkRatio => SectorsPerBitmap * SectorSize / BlockSize;

    public long BlockCount => (DiskSize + BlockSize - 1) / BlockSize;

    public long ChunkCount => (BlockCount + ChunkRatio - 1) / ChunkRatio;

    /// <summary>Bytes of a bitmap that speak of one block.</summary>
    public int BitmapBytes => BlockSize / SectorSize / 8;

    /// <summary>Entries that the table must have. A differencing disk's last chunk has all its
    /// entries, for its bitmap's comes after them.</summary>
    public long EntryCount => BlockCount == 0 ? 0
        : HasParent ? ChunkCount * (ChunkRatio + 1)
        : BlockCount + ((BlockCount - 1) / ChunkRatio);

    /// <summary>Where a block's entry lies in the file.</summary>
    public long EntryOffset(long block) =>
        Bat.Offset + ((block + ChunkOf(block)) * BatEntry.Size);

    /// <summary>The chunk of a block.</summary>
    public long ChunkOf(long block) => block >> (SectorsPerBitmapBits + SectorBits - BlockBits);

    /// <summary>How far into its block an offset of the disk is.</summary>
    public int Within(long offset) => (int)offset & (BlockSize - 1);

    /// <summary>Where the entry of a chunk's bitmap lies in the file.</summary>
    public long BitmapEntryOffset(long chunk) =>
        Bat.Offset + (((chunk * (ChunkRatio + 1)) + ChunkRatio) * BatEntry.Size);

    /// <summary>Which bit of its chunk's bitmap speaks of the sector at an offset of the
    /// disk.</summary>
    public long BitOffset(long offset) => (offset >> SectorBits) & (SectorsPerBitmap - 1);

    /// <summary>Fails when the format has no such disk, or the table is too short for
    /// it.</summary>
    public void Check()
    {
        if (SectorSize is not (512 or 4096))
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has sectors of {SectorSize} bytes, not 512 or 4096.");
        }

        if (!BitOperations.IsPow2(BlockSize)
            || BlockSize is < LeastBlockSize or > GreatestBlockSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has blocks of {BlockSize} bytes, not a power of two from "
                + $"{LeastBlockSize} to {GreatestBlockSize}.");
        }

        if (DiskSize < 0 || DiskSize > GreatestDiskSize || DiskSize % SectorSize != 0)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX has a disk of {DiskSize} bytes, not whole sectors of {SectorSize} up to "
                + $"{GreatestDiskSize}.");
        }

        if (EntryCount * BatEntry.Size > Bat.Length)
        {
            throw DiskFormatException.Corrupt(
                $"The table of the VHDX has {Bat.Length} bytes; its disk of {DiskSize} bytes has "
                + $"{EntryCount} entries.");
        }
    }
}
