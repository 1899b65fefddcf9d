using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

// An entry of the map is the number of a block in the data area. The header counts the blocks that
// have storage; VirtualBox takes that count as the next free number, so it is on the disk before
// any entry that it covers (rank 0 and rank 1). Blocks that are zeroed keep their storage, as
// holes: a number that no entry has would be an error to VirtualBox and to qemu-img.

/// <summary>The block map of a VDI.</summary>
internal sealed class VdiMap : WritableMap
{
    private const int CountRank = 0;
    private const int EntryRank = 1;

    private readonly BlockDevice _file;
    private readonly VdiHeader _header;
    private readonly TablePages _tables;
    private readonly FileTail _tail;
    private readonly bool _leaveOpen;
    private uint _next;

    /// <summary>A map over an opened image.</summary>
    /// <param name="file">The image's file.</param>
    /// <param name="header">Its header.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="next">The number that a new block gets.</param>
    /// <param name="leaveOpen">Whether the file outlives the map.</param>
    public VdiMap(
        BlockDevice file, VdiHeader header, TablePages tables, uint next, bool leaveOpen)
    {
        (_file, _header, _tables, _next, _leaveOpen) = (file, header, tables, next, leaveOpen);
        _tail = new FileTail(file, header.DataOffset + (next * Stride));
    }

    public override long Length => _header.DiskSize;

    public override int BlockSize => _header.BlockSize;

    public override bool IsDirty => _tables.IsDirty;

    public override bool IsFull => _tables.IsFull;

    private long Stride => (long)_header.BlockSize + _header.BlockExtra;

    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        long block = offset / BlockSize;
        ValueTask<TablePage> look = _tables.GetAsync(EntryOffset(block), cancellationToken);
        return look.IsCompletedSuccessfully
            ? new(Walk(look.Result, offset, length))
            : WaitAsync(look, offset, length);
    }

    public override async ValueTask<Place> TakeAsync(
        long block, CancellationToken cancellationToken)
    {
        if (_next >= (uint)_header.BlockCount)
        {
            throw DiskFormatException.Corrupt(
                $"The VDI has {_header.BlockCount} blocks, and claims storage for {_next}.");
        }

        long offset = await _tail.TakeAsync(Stride, 1, cancellationToken).ConfigureAwait(false);
        _next++;
        return new Place(_file, offset + _header.BlockExtra, IsNew: true, IsZero: true);
    }

    public override async ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        byte[] count = new byte[sizeof(uint)];
        byte[] entry = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(count, _next);
        BinaryPrimitives.WriteUInt32LittleEndian(
            entry, (uint)((place.Offset - _header.DataOffset) / Stride));
        await _tables.WriteAsync(AllocatedOffset, count, CountRank, cancellationToken)
            .ConfigureAwait(false);
        await _tables.WriteAsync(EntryOffset(block), entry, EntryRank, cancellationToken)
            .ConfigureAwait(false);
    }

    public override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await _tail.TrimAsync(cancellationToken).ConfigureAwait(false);
        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    public override ValueTask DisposeAsync() => _leaveOpen ? default : _file.DisposeAsync();

    private long EntryOffset(long block) => _header.MapOffset + (block * sizeof(uint));

    private async ValueTask<Run> WaitAsync(ValueTask<TablePage> look, long offset, long length) =>
        Walk(await look.ConfigureAwait(false), offset, length);

    // As far as neighbours lie side by side, or lie nowhere together, within a page of the map.
    private Run Walk(TablePage page, long offset, long length)
    {
        long block = offset / BlockSize;
        int start = (int)(offset % BlockSize);
        int at = (int)(EntryOffset(block) - page.Offset);
        uint first = page.ReadUInt32LittleEndian(at);
        long reach = BlockSize - start;
        for (uint next = first; reach < length; reach += BlockSize)
        {
            at += sizeof(uint);
            next = first >= ZeroEntry || _header.BlockExtra > 0 ? next : next + 1;
            if (at >= TablePage.Size || page.ReadUInt32LittleEndian(at) != next
                || (first < ZeroEntry && _header.BlockExtra > 0))
            {
                break;
            }
        }

        return ToRun(first, start, Math.Min(reach, length));
    }

    private Run ToRun(uint entry, int start, long length)
    {
        if (entry >= ZeroEntry)
        {
            return entry == ZeroEntry ? Run.Zero(length) : Run.Parent(length);
        }

        long offset = _header.DataOffset + (entry * Stride) + _header.BlockExtra + start;
        if (entry >= (uint)_header.BlockCount || offset + length > _file.Length)
        {
            throw DiskFormatException.Corrupt(
                $"The VDI has a block at {offset}, past the {_file.Length} bytes of its file.");
        }

        return Run.Data(_file, offset, length);
    }
}
