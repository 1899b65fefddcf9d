using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Checking;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhd.Structures.VhdConstants;

namespace VMSeed.Disks.Formats.Vhd;

// The order of a commit: data, and of dynamic images their bitmaps; the bitmaps of differencing
// images (a block's own sectors are safe before a bit says so); the table. Blocks are kept once
// they have storage: an entry that lets a block go would leave a hole that no other program takes
// again. What is zeroed becomes a hole of the file below, where that has holes.

/// <summary>The map of a growing VHD.</summary>
internal sealed class VhdMap : WritableMap
{
    private readonly OpenRequest _request;
    private readonly BlockDevice _file;
    private readonly TablePages _tables;
    private readonly VhdTable _table;
    private readonly VhdSpace? _space;
    private VhdParts _parts;
    private long _length;

    /// <summary>A map over an opened image.</summary>
    /// <param name="request">What it was opened with.</param>
    /// <param name="parts">Its structures.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="space">Where new blocks go; null for an image that is read.</param>
    public VhdMap(OpenRequest request, VhdParts parts, TablePages tables, VhdSpace? space)
    {
        (_request, _file, _parts, _tables, _space) = (request, request.File, parts, tables, space);
        _table = new VhdTable(_file, parts, tables);
        _length = parts.Footer.DiskSize;
    }

    public override long Length => Volatile.Read(ref _length);

    public override int BlockSize => _table.BlockSize;

    public override int CopyUnit => _parts.IsDifferencing ? SectorSize : BlockSize;

    public override bool IsDirty => _tables.IsDirty;

    public override bool IsFull => _tables.IsFull;

    /// <summary>A check of the image as it is now.</summary>
    public VhdCheck Check(CheckTally tally) => new(_file, _parts, _tables, tally);

    private VhdSpace Space =>
        _space ?? throw new InvalidOperationException("The image is open for reading.");

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss) =>
        _table.TryMap(offset, length, out run, out miss);

    public override async ValueTask<Place> TakeAsync(
        long block, CancellationToken cancellationToken) =>
        await _table.FindAsync(block, cancellationToken).ConfigureAwait(false) is { } offset
            ? new Place(_file, offset, IsNew: false, IsZero: false)
            : await Space.TakeAsync(cancellationToken).ConfigureAwait(false);

    public override async ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        if (place.IsNew)
        {
            await _table.PointAsync(block, place.Offset, cancellationToken).ConfigureAwait(false);
        }

        if (_parts.IsDifferencing)
        {
            await _table.SetSectorsAsync(place.Offset, range, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public override void GiveBack(long block, Place place) => Space.GiveBack(place);

    public override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await Space.TrimAsync(cancellationToken).ConfigureAwait(false);
        await _tables.WriteBackAsync(cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    /// <summary>Mends the footers: from here on, the one at the end may be lost at any
    /// time.</summary>
    public override async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (!_parts.HasCopy)
        {
            await _file.WriteAsync(0, _parts.Footer.Bytes, cancellationToken)
                .ConfigureAwait(false);
            await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!_parts.HasEnd)
        {
            await Space.EndWithAsync(_parts.Footer, cancellationToken).ConfigureAwait(false);
        }

        _parts = _parts with { HasCopy = true, HasEnd = true };
    }

    public override async ValueTask ResizeAsync(long length, CancellationToken cancellationToken)
    {
        VhdGrowth.Check(_parts, length);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        var growth = new VhdGrowth(_file, _tables, _table, Space);
        _parts = await growth.GrowAsync(_parts, length, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _length, length);
    }

    /// <summary>Notes another parent.</summary>
    /// <param name="id">What it is known by; null to leave that as it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives the work up while nothing has changed.</param>
    public async ValueTask SetParentAsync(
        Guid? id, string name, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        _parts = await new VhdRenaming(_file, _parts, _tables).RunAsync(
            id ?? _parts.Header!.ParentId, name, _request.FileName, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Mends what a check has found: footers and the end of the file by the beginning of
    /// a session, the rest by the check itself.</summary>
    public async ValueTask MendAsync(VhdCheck check, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        await check.MendAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask DisposeAsync() =>
        _request.Options.LeaveOpen ? default : _file.DisposeAsync();
}
