using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>The table of a growing VHD, and of a differencing one the bitmaps before its
/// blocks.</summary>
internal sealed class VhdMap : DiskMap
{
    private readonly BlockDevice _file;
    private readonly TablePages _tables;
    private readonly bool _leaveOpen;
    private readonly bool _hasSectors;
    private readonly int _bitmapLength;
    private readonly VhdHeader _header;
    private readonly long _length;

    public VhdMap(OpenRequest request, VhdParts parts, TablePages tables)
    {
        _file = request.File;
        _leaveOpen = request.Options.LeaveOpen;
        _tables = tables;
        _header = parts.Header!;
        _hasSectors = parts.IsDifferencing;
        _bitmapLength = _header.BitmapLength;
        _length = parts.Footer.DiskSize;
        BlockSize = _header.BlockSize;
    }

    public override long Length => _length;

    public int BlockSize { get; }

    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        ValueTask<TablePage> look = _tables.GetAsync(
            EntryOffset(offset / BlockSize), cancellationToken);
        return look.IsCompletedSuccessfully
            ? MapBlock(look.Result, offset, length, cancellationToken)
            : AwaitEntryAsync(look, offset, length, cancellationToken);
    }

    public override ValueTask DisposeAsync() => _leaveOpen ? default : _file.DisposeAsync();

    private long EntryOffset(long block) => _header.TableOffset + (block * sizeof(uint));

    private async ValueTask<Run> AwaitEntryAsync(
        ValueTask<TablePage> look, long offset, long length, CancellationToken cancellationToken) =>
        await MapBlock(await look.ConfigureAwait(false), offset, length, cancellationToken)
            .ConfigureAwait(false);

    private ValueTask<Run> MapBlock(
        TablePage page, long offset, long length, CancellationToken cancellationToken)
    {
        long block = offset / BlockSize;
        int start = (int)(offset % BlockSize);
        int at = (int)(EntryOffset(block) - page.Offset);
        uint entry = page.ReadUInt32BigEndian(at);
        if (entry == AbsentEntry)
        {
            long reach = WalkAbsent(page, at, BlockSize - start, length);
            return new(_hasSectors ? Run.Parent(reach) : Run.Zero(reach));
        }

        length = Math.Min(length, BlockSize - start);
        long bitmap = BitmapOffset(block, entry);
        if (!_hasSectors)
        {
            return new(Run.Data(_file, bitmap + _bitmapLength + start, length));
        }

        ValueTask<TablePage> look = _tables.GetAsync(
            bitmap + (start / SectorSize / 8), cancellationToken);
        return look.IsCompletedSuccessfully
            ? new(MapSectors(look.Result, bitmap, start, length))
            : AwaitBitmapAsync(look, bitmap, start, length);
    }

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

    private async ValueTask<Run> AwaitBitmapAsync(
        ValueTask<TablePage> look, long bitmap, int start, long length) =>
        MapSectors(await look.ConfigureAwait(false), bitmap, start, length);

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
