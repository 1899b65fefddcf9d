using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

// An entry of the map is the number of a block in the data area. The header counts the blocks that
// have storage; VirtualBox takes that count as the next free number, so it is on the disk before
// any entry that it covers (rank 0 and rank 1). Blocks that are zeroed keep their storage, as
// holes: a number that no entry has would be an error to VirtualBox and to qemu-img. Only a block
// that has none is zeroed by its entry, so that a child stops asking its parent.

/// <summary>The block map of a VDI.</summary>
internal sealed class VdiMap : WritableMap
{
    /// <summary>The rank of entries in a commit.</summary>
    public const int EntryRank = 1;

    private const int HeaderRank = 0;

    private static readonly (int Offset, int Length)[] s_parentFields =
    [
        (TypeOffset, sizeof(uint)),
        (CommentOffset, CommentLength),
        (LinkageIdOffset, 16),
        (ParentModifyIdOffset, 16),
    ];

    private readonly OpenRequest _request;
    private readonly BlockDevice _file;
    private readonly TablePages _tables;
    private readonly VdiSpace? _space;
    private volatile VdiHeader _header;

    /// <summary>A map over an opened image.</summary>
    /// <param name="request">What it was opened with.</param>
    /// <param name="header">Its header.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="space">Where new blocks go; null for an image that is read.</param>
    public VdiMap(OpenRequest request, VdiHeader header, TablePages tables, VdiSpace? space)
    {
        (_request, _file, _tables, _space) = (request, request.File, tables, space);
        _header = header;
        BlockSize = header.BlockSize;
    }

    public override long Length => _header.DiskSize;

    public override int BlockSize { get; }

    public override bool IsDirty => _tables.IsDirty;

    public override bool IsFull => _tables.IsFull;

    /// <summary>The header as it is now.</summary>
    public VdiHeader Header => _header;

    private VdiSpace Space =>
        _space ?? throw new InvalidOperationException("The image is open for reading.");

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (long block, long start) = Math.DivRem(offset, BlockSize);
        long at = EntryOffset(block);
        if (!_tables.TryGet(at, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        run = Walk(page, (int)(at - page.Offset), (int)start, length);
        return true;
    }

    public override ValueTask<Place> TakeAsync(long block, CancellationToken cancellationToken) =>
        Space.TakeAsync(cancellationToken);

    public override async ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        await WriteCountAsync(cancellationToken).ConfigureAwait(false);
        await WriteAsync(
            EntryOffset(block), _header.NumberOf(place.Offset), EntryRank, cancellationToken)
            .ConfigureAwait(false);
    }

    public override void GiveBack(long block, Place place) => Space.GiveBack(place);

    public override async ValueTask<bool> ClearAsync(
        long block, CancellationToken cancellationToken)
    {
        long at = EntryOffset(block);
        TablePage page = await _tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        if (page.ReadUInt32LittleEndian((int)(at - page.Offset)) < ZeroEntry)
        {
            return false;
        }

        await WriteAsync(at, ZeroEntry, EntryRank, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await Space.TrimAsync(cancellationToken).ConfigureAwait(false);
        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    /// <summary>Gives the image a new mark of its content, by which children know that it is no
    /// longer theirs, and rights its count.</summary>
    public override async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        Guid modified = _request.Options.NewGuid();
        await _tables.WriteAsync(
            ModifyIdOffset, modified.ToByteArray(), HeaderRank, cancellationToken)
            .ConfigureAwait(false);
        await WriteCountAsync(cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        _header = _header with { ModifyId = modified };
    }

    public override async ValueTask ResizeAsync(long length, CancellationToken cancellationToken)
    {
        VdiHeader header = VdiLayout.Grow(_header, length);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        await ClearLastBlockAsync(cancellationToken).ConfigureAwait(false);
        for (long block = _header.BlockCount; block < header.BlockCount; block++)
        {
            await WriteAsync(EntryOffset(block), FreeEntry, HeaderRank, cancellationToken)
                .ConfigureAwait(false);
        }

        await CommitAsync(cancellationToken).ConfigureAwait(false);
        byte[] size = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(size, header.DiskSize);
        await _tables.WriteAsync(DiskSizeOffset, size, HeaderRank, cancellationToken)
            .ConfigureAwait(false);
        await WriteAsync(
            BlockCountOffset, (uint)header.BlockCount, HeaderRank, cancellationToken)
            .ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        Space.Use(header);
        _header = header;
    }

    /// <summary>Notes another parent: fields of one sector, in one commit.</summary>
    public async ValueTask SetParentAsync(
        VdiHeader header, CancellationToken cancellationToken)
    {
        byte[] bytes = header.ToBytes();
        foreach ((int offset, int length) in s_parentFields)
        {
            await _tables.WriteAsync(
                offset, bytes.AsMemory(offset, length), HeaderRank, cancellationToken)
                .ConfigureAwait(false);
        }

        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        _header = header;
    }

    public override ValueTask DisposeAsync() =>
        _request.Options.LeaveOpen ? default : _file.DisposeAsync();

    private long EntryOffset(long block) => _header.MapOffset + (block * sizeof(uint));

    private async ValueTask WriteCountAsync(CancellationToken cancellationToken)
    {
        if (_header.Allocated != Space.Count)
        {
            await WriteAsync(
                AllocatedOffset, (uint)Space.Count, HeaderRank, cancellationToken)
                .ConfigureAwait(false);
            _header = _header with { Allocated = Space.Count };
        }
    }

    private async ValueTask WriteAsync(
        long at, uint value, int rank, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        await _tables.WriteAsync(at, bytes, rank, cancellationToken).ConfigureAwait(false);
    }

    // Other programs may have left anything behind the end.
    private async ValueTask ClearLastBlockAsync(CancellationToken cancellationToken)
    {
        int used = (int)(_header.DiskSize % BlockSize);
        if (used == 0)
        {
            return;
        }

        Run run = await MapAsync(_header.DiskSize - 1, 1, cancellationToken).ConfigureAwait(false);
        if (run.Kind == RunKind.Data)
        {
            await _file.ZeroAsync(run.Offset + 1, BlockSize - used, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    // As far as neighbours lie nowhere together, or side by side, within a page of the map.
    private Run Walk(TablePage page, int at, int start, long length)
    {
        uint first = page.ReadUInt32LittleEndian(at);
        uint step = first < ZeroEntry ? 1u : 0;
        long reach = BlockSize - start;
        if (step == 0 || _header.BlockExtra == 0)
        {
            uint next = first + step;
            for (at += sizeof(uint);
                reach < length && at < TablePage.Size && page.ReadUInt32LittleEndian(at) == next;
                at += sizeof(uint), next += step)
            {
                reach += BlockSize;
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

        long offset = _header.PlaceOf(entry) + start;
        if (entry >= (uint)_header.BlockCount || offset > _file.Length - length)
        {
            throw DiskFormatException.Corrupt(
                $"The VDI has {length} bytes of a block at {offset}, past the {_file.Length} bytes "
                + "of its file.");
        }

        return Run.Data(_file, offset, length);
    }
}
