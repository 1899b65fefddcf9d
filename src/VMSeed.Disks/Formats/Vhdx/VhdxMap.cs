using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhdx.Structures;
using VMSeed.Disks.Formats.Vhdx.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vhdx;

// What is written when: blocks straight to their places, the table and the bitmaps through the log
// (Log/LogWriter.cs), the headers around it all (VhdxSession). The log makes the order of tables
// among each other irrelevant within one entry; the ranks count where a commit is too large for
// one.
//
// A flush before the log is written is needed only where a block's place has old bytes, or where
// bytes of a parent are about to be covered: there an entry that survives a crash without its block
// would show what never was on the disk. Space that the file has just gained reads as zeros, and so
// did the block.

/// <summary>The block allocation table of a VHDX, and what is done with it.</summary>
internal sealed class VhdxMap : WritableMap
{
    private const int BitmapRank = 0;
    private const int EntryRank = 1;

    private readonly BlockDevice _file;
    private readonly VhdxLookup _lookup;
    private readonly TablePages _tables;
    private readonly VhdxSession? _session;
    private readonly VhdxContents _contents;
    private readonly long _parentLength;
    private readonly bool _leaveOpen;

    /// <summary>A map over an opened image.</summary>
    /// <param name="file">The image's file.</param>
    /// <param name="contents">What it says of itself.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="session">What writes; null for an image that is only read.</param>
    /// <param name="parentLength">Bytes of the disk below; 0 without one.</param>
    /// <param name="leaveOpen">Whether the file outlives the map.</param>
    public VhdxMap(
        BlockDevice file,
        VhdxContents contents,
        TablePages tables,
        VhdxSession? session,
        long parentLength,
        bool leaveOpen)
    {
        (_file, _contents, _tables, _session) = (file, contents, tables, session);
        (_parentLength, _leaveOpen) = (parentLength, leaveOpen);
        _lookup = new VhdxLookup(file, tables, contents.Geometry);
    }

    public override long Length => _lookup.Geometry.DiskSize;

    public override int BlockSize => _lookup.Geometry.BlockSize;

    public override int CopyUnit =>
        _lookup.Geometry.HasParent ? _lookup.Geometry.SectorSize : BlockSize;

    public override bool IsDirty => _tables.IsDirty;

    public override bool IsFull => _tables.IsFull;

    public VhdxGeometry Geometry => _lookup.Geometry;

    private VhdxSession Session => _session!;

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss) =>
        _lookup.TryMap(offset, length, out run, out miss);

    public override async ValueTask<Place> TakeAsync(
        long block, CancellationToken cancellationToken)
    {
        VhdxGeometry at = _lookup.Geometry;
        BatEntry entry = await _lookup.EntryAsync(at.EntryOffset(block), cancellationToken)
            .ConfigureAwait(false);
        if (entry.HasPlace)
        {
            return new Place(_file, entry.Offset, IsNew: false, IsZero: false);
        }

        Place place = await Session.Space.TakeAsync(BlockSize, cancellationToken)
            .ConfigureAwait(false);
        if (place.IsZero || !at.HasParent || entry.State == BlockState.NotPresent)
        {
            return place;
        }

        // A block of zeros over a parent becomes present as a whole, and only some of its sectors
        // are about to be written.
        await _file.ZeroAsync(place.Offset, BlockSize, cancellationToken).ConfigureAwait(false);
        Session.MustFlushBlocks();
        return place with { IsZero = true };
    }

    public override async ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        VhdxGeometry at = _lookup.Geometry;
        long entryAt = at.EntryOffset(block);
        BatEntry entry = await _lookup.EntryAsync(entryAt, cancellationToken)
            .ConfigureAwait(false);
        if (at.HasParent || !place.IsZero)
        {
            Session.MustFlushBlocks();
        }

        BlockState state = BlockState.Present;
        if (at.HasParent && entry.State is BlockState.NotPresent or BlockState.Partial
            && !IsWhole(block, range))
        {
            bool isAll = await SetBitsAsync(block, range, entry.State, cancellationToken)
                .ConfigureAwait(false);
            state = isAll ? BlockState.Present : BlockState.Partial;
        }

        if (entry.State != state)
        {
            await WriteEntryAsync(entryAt, new BatEntry(state, place.Offset), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public override void GiveBack(long block, Place place) =>
        Session.Space.GiveBack(place.Offset);

    public override async ValueTask<bool> ClearAsync(
        long block, CancellationToken cancellationToken)
    {
        if (_contents.IsFixed)
        {
            return false;
        }

        long entryAt = _lookup.Geometry.EntryOffset(block);
        BatEntry entry = await _lookup.EntryAsync(entryAt, cancellationToken)
            .ConfigureAwait(false);
        await WriteEntryAsync(entryAt, new BatEntry(BlockState.Zero, 0), cancellationToken)
            .ConfigureAwait(false);
        if (entry.HasPlace)
        {
            Session.Space.Release(entry.Offset);
        }

        return true;
    }

    public override ValueTask CommitAsync(CancellationToken cancellationToken) =>
        Session.CommitAsync(_tables, cancellationToken);

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    public override ValueTask ResizeAsync(long length, CancellationToken cancellationToken) =>
        new VhdxGrowth(_file, _tables, _lookup, Session, _contents.IsFixed)
            .RunAsync(length, _parentLength, _contents.SizeOffset, cancellationToken);

    public override ValueTask BeginAsync(CancellationToken cancellationToken) =>
        Session.BeginAsync();

    public override ValueTask EndAsync() => Session.EndAsync();

    public override ValueTask DisposeAsync() => _leaveOpen ? default : _file.DisposeAsync();

    /// <summary>Begins a session, puts what a check has found right, and commits it.</summary>
    /// <param name="entries">Entries of the table, by their indices, and what they should
    /// be.</param>
    /// <param name="cancellationToken">Gives the work up before the commit.</param>
    public async ValueTask MendAsync(
        IReadOnlyList<(long Index, BatEntry Entry)> entries, CancellationToken cancellationToken)
    {
        await Session.BeginAsync().ConfigureAwait(false);
        byte[] table = VhdxRegions.ToBytes(Session.Regions);
        await _tables.WriteAsync(
            VhdxConstants.FirstRegionTableOffset, table, EntryRank, cancellationToken)
            .ConfigureAwait(false);
        await _tables.WriteAsync(
            VhdxConstants.SecondRegionTableOffset, table, EntryRank, cancellationToken)
            .ConfigureAwait(false);
        foreach ((long index, BatEntry entry) in entries)
        {
            await WriteEntryAsync(
                Geometry.Bat.Offset + (index * BatEntry.Size), entry, cancellationToken)
                .ConfigureAwait(false);
        }

        await CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Notes another parent, in a session of its own where none has begun.</summary>
    public async ValueTask SetParentAsync(
        VhdxParentLocator locator, CancellationToken cancellationToken)
    {
        bool isWithin = Session.HasBegun;
        await Session.BeginAsync(changesDisk: false).ConfigureAwait(false);
        try
        {
            await new VhdxRenaming(_file, _tables, _contents.Regions.Metadata)
                .StoreAsync(locator, cancellationToken).ConfigureAwait(false);
            await CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            if (!isWithin)
            {
                await Session.EndAsync().ConfigureAwait(false);
            }
        }
    }

    private bool IsWhole(long block, BlockRange range) =>
        range.Start == 0 && range.End >= Math.Min(BlockSize, Length - (block * BlockSize));

    private ValueTask WriteEntryAsync(
        long at, BatEntry entry, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[BatEntry.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Value);
        return _tables.WriteAsync(at, bytes, EntryRank, cancellationToken);
    }

    // Bits of a block that was not there may be those of an earlier life of it: all are written
    // then, else only those of the range. A block that is written from its beginning to its end, in
    // however many steps, is found to be whole with the last of them.
    private async ValueTask<bool> SetBitsAsync(
        long block, BlockRange range, BlockState before, CancellationToken cancellationToken)
    {
        VhdxGeometry at = _lookup.Geometry;
        long bitmap = await TakeBitmapAsync(block / at.ChunkRatio, cancellationToken)
            .ConfigureAwait(false);
        long first = bitmap + (at.BitOffset(block * at.BlockSize) / 8);
        int fromBit = range.Start / at.SectorSize;
        int toBit = (range.End + at.SectorSize - 1) / at.SectorSize;
        bool isNew = before == BlockState.NotPresent;
        bool isAtEnd = toBit == at.BitmapBytes * 8;
        int from = isNew || isAtEnd ? 0 : fromBit / 8;
        int to = isNew ? at.BitmapBytes : (toBit + 7) / 8;
        byte[] bits = new byte[to - from];
        if (!isNew)
        {
            await _lookup.CopyAsync(first + from, bits, cancellationToken).ConfigureAwait(false);
        }

        SectorBits.Set(bits, fromBit - (from * 8), toBit - (from * 8));
        await _tables.WriteAsync(first + from, bits, BitmapRank, cancellationToken)
            .ConfigureAwait(false);
        return from == 0 && to == at.BitmapBytes && !bits.AsSpan().ContainsAnyExcept((byte)0xFF);
    }

    private async ValueTask<long> TakeBitmapAsync(long chunk, CancellationToken cancellationToken)
    {
        long entryAt = _lookup.Geometry.BitmapEntryOffset(chunk);
        BatEntry entry = await _lookup.EntryAsync(entryAt, cancellationToken)
            .ConfigureAwait(false);
        if (entry.State == BlockState.Present)
        {
            return entry.Offset;
        }

        long offset = await Session.Space.TakeFreshAsync(
            VhdxConstants.BitmapBlockLength, cancellationToken).ConfigureAwait(false);
        await WriteEntryAsync(
            entryAt, new BatEntry(BlockState.Present, offset), cancellationToken)
            .ConfigureAwait(false);
        return offset;
    }
}
