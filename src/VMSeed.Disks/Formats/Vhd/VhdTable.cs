using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// A look-up is one entry of the table, and of a differencing image one bit of a bitmap. A run of
// data never goes past its block, for the next block's bitmap lies between them.

/// <summary>The table of a growing VHD, and of a differencing one the bitmaps before its
/// blocks.</summary>
internal sealed class VhdTable
{
    private const int BitmapRank = 0;
    private const int EntryRank = 1;

    private readonly BlockDevice _file;
    private readonly TablePages _tables;
    private readonly bool _hasSectors;
    private readonly int _bitmapLength;
    private long _offset;

    public VhdTable(BlockDevice file, VhdParts parts, TablePages tables)
    {
        (_file, _tables, _hasSectors) = (file, tables, parts.IsDifferencing);
        _bitmapLength = parts.Header!.BitmapLength;
        _offset = parts.Header.TableOffset;
        BlockSize = parts.Header.BlockSize;
    }

    public int BlockSize { get; }

    /// <summary>Where the table lies now.</summary>
    public long Offset
    {
        get => Volatile.Read(ref _offset);
        set => Volatile.Write(ref _offset, value);
    }

    /// <summary>What lies at an offset of the disk.</summary>
    public bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (long block, long start) = Math.DivRem(offset, BlockSize);
        long at = EntryOffset(block);
        if (!_tables.TryGet(at, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        int place = (int)(at - page.Offset);
        uint entry = page.ReadUInt32BigEndian(place);
        if (entry == AbsentEntry)
        {
            long reach = WalkAbsent(page, place, BlockSize - start, length);
            run = _hasSectors ? Run.Parent(reach) : Run.Zero(reach);
            return true;
        }

        length = Math.Min(length, BlockSize - start);
        long bitmap = BitmapOffset(block, entry);
        if (_hasSectors)
        {
            return TryMapSectors(bitmap, (int)start, length, out run, out miss);
        }

        run = Run.Data(_file, bitmap + _bitmapLength + start, length);
        return true;
    }

    /// <summary>Where a block lies.</summary>
    /// <returns>Where its first byte of data is; null for a block without storage.</returns>
    public async ValueTask<long?> FindAsync(long block, CancellationToken cancellationToken)
    {
        long at = EntryOffset(block);
        TablePage page = await _tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        uint entry = page.ReadUInt32BigEndian((int)(at - page.Offset));
        return entry == AbsentEntry ? null : BitmapOffset(block, entry) + _bitmapLength;
    }

    /// <summary>Points at a block; of a differencing image, with no sector of its own
    /// yet.</summary>
    public async ValueTask PointAsync(
        long block, long offset, CancellationToken cancellationToken)
    {
        long bitmap = offset - _bitmapLength;
        if (_hasSectors)
        {
            // All of it: what the pages hold of this place may be older than the block.
            await _tables.WriteAsync(
                bitmap, new byte[_bitmapLength], BitmapRank, cancellationToken)
                .ConfigureAwait(false);
        }

        byte[] entry = new byte[sizeof(uint)];
        VhdBytes.Put(entry, 0, (uint)(bitmap / SectorSize));
        await _tables.WriteAsync(EntryOffset(block), entry, EntryRank, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Makes sectors of a block the image's own.</summary>
    /// <param name="offset">Where the block's data begins.</param>
    /// <param name="range">Which bytes of it.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public async ValueTask SetSectorsAsync(
        long offset, BlockRange range, CancellationToken cancellationToken)
    {
        int sector = range.Start / SectorSize;
        int end = (range.End + SectorSize - 1) / SectorSize;
        while (sector < end)
        {
            long at = offset - _bitmapLength + (sector / 8);
            TablePage page = await _tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            int place = (int)(at - page.Offset);
            int count = Math.Min(end - sector, ((TablePage.Size - place) * 8) - (sector % 8));
            byte[] bits = page.Bytes.AsSpan(place, ((sector % 8) + count + 7) / 8).ToArray();
            VhdBitmap.Set(bits, sector % 8, count);
            await _tables.WriteAsync(at, bits, BitmapRank, cancellationToken)
                .ConfigureAwait(false);
            sector += count;
        }
    }

    private long EntryOffset(long block) => Offset + (block * sizeof(uint));

    // Over as many neighbours without storage as a page of the table tells of.
    private long WalkAbsent(TablePage page, int at, long reach, long length)
    {
        for (at += sizeof(uint);
            reach < length && at < TablePage.Size
                && page.ReadUInt32BigEndian(at) == AbsentEntry;
            at += sizeof(uint))
        {
            reach += BlockSize;
        }

        return Math.Min(reach, length);
    }

    private bool TryMapSectors(
        long bitmap, int start, long length, out Run run, out PageMiss miss)
    {
        if (!_tables.TryGet(
            bitmap + (start / SectorSize / 8), out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        run = MapSectors(page, bitmap, start, length);
        return true;
    }

    // As far as the bits are the same, within a page of the bitmap.
    private Run MapSectors(TablePage page, long bitmap, int start, long length)
    {
        int sector = start / SectorSize;
        int first = (int)(bitmap - page.Offset);
        int count = Math.Min(
            (int)((start + length + SectorSize - 1) / SectorSize) - sector,
            ((TablePage.Size - first) * 8) - sector);
        bool isOwn = VhdBitmap.IsSet(page.Bytes, first, sector);
        long end = (long)SectorSize
            * (sector + VhdBitmap.RunLength(page.Bytes, first, sector, count));
        length = Math.Min(length, end - start);
        return isOwn
            ? Run.Data(_file, bitmap + _bitmapLength + start, length)
            : Run.Parent(length);
    }

    private long BitmapOffset(long block, uint entry)
    {
        long offset = (long)entry * SectorSize;
        if (offset < FooterLength || offset > _file.Length - _bitmapLength - BlockSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VHD has its block {block} at {offset}, which does not lie within the "
                + $"{_file.Length} bytes of its file.");
        }

        return offset;
    }
}
