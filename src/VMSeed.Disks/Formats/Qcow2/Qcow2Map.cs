using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Checking;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Packing;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Formats.Qcow2.Writing;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2;

// A block is a cluster. It is written in its place only where its entry is marked as copied: nobody
// else points at it. What a snapshot shares, or what is compressed, gets a new cluster whole.

/// <summary>The map of a qcow2.</summary>
internal sealed class Qcow2Map : WritableMap
{
    private readonly Qcow2Files _files;
    private readonly OpenedParent? _parent;
    private readonly bool _leaveOpen;
    private readonly Qcow2Geometry _geometry;
    private readonly Qcow2Lookup _lookup;
    private readonly ClusterUnpacker _unpacker;
    private readonly Qcow2L2Reader _reader;
    private readonly Qcow2Space _space;
    private readonly Qcow2TableWriter _tables;
    private readonly Qcow2Commit _commit;

    /// <summary>A map over an opened image.</summary>
    /// <param name="files">What the image is made of, which becomes the map's.</param>
    /// <param name="parent">What lies below, which becomes the map's; null: zeros.</param>
    /// <param name="leaveOpen">Whether the image's file outlives the map.</param>
    public Qcow2Map(Qcow2Files files, OpenedParent? parent, bool leaveOpen)
    {
        (_files, _parent, _leaveOpen) = (files, parent, leaveOpen);
        Qcow2Header header = files.Header;
        _geometry = header.Geometry;
        _lookup = new Qcow2Lookup(files);
        _unpacker = new ClusterUnpacker(files.File, _geometry, header.Compression);
        _reader = new Qcow2L2Reader(_geometry, header.HasZeroFlag, header.HasDataFile);
        _space = new Qcow2Space(files);
        _tables = new Qcow2TableWriter(files, _lookup, _space);
        _commit = new Qcow2Commit(files, _space);
    }

    public override long Length => _files.Header.Size;

    public override int UnitSize => _geometry.ClusterSize;

    public override int BlockSize => _geometry.ClusterSize;

    public override int CopyUnit => _geometry.UnitSize;

    public override bool IsDirty => _commit.IsDirty;

    public override bool IsFull => _files.Tables.IsFull || _space.IsFull;

    /// <summary>What transfers enter.</summary>
    public TransferEpochs Epochs => _space.Recycler.Epochs;

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss) =>
        _lookup.TryMap(offset, length, out run, out miss);

    public override ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken) =>
        _unpacker.UnpackAsync(place, target, cancellationToken);

    public override async ValueTask<Place> TakeAsync(
        long block, CancellationToken cancellationToken)
    {
        long offset = block << _geometry.ClusterBits;
        L2Entry entry = await _tables.ReadAsync(offset, cancellationToken).ConfigureAwait(false);
        if (_files.Header.HasDataFile)
        {
            await WithdrawAsync(entry, cancellationToken).ConfigureAwait(false);
            return new Place(_files.Data, offset, IsNew: false, IsZero: false);
        }

        if (HasPlace(entry) && (entry.Word & CopiedFlag) != 0)
        {
            return new Place(_files.File, _reader.Place(entry.Word), IsNew: false, IsZero: false);
        }

        (long place, bool isZero) = await _space.TakeAsync(cancellationToken).ConfigureAwait(false);
        return new Place(
            _files.File, place, IsNew: true, isZero, HasPlace(entry) || IsPacked(entry));
    }

    public override async ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        L2Entry old = await _tables.OwnAsync(block << _geometry.ClusterBits, cancellationToken)
            .ConfigureAwait(false);
        ulong bits = 0;
        if (_geometry.IsExtended)
        {
            int first = range.Start / _geometry.UnitSize;
            int end = (range.End + _geometry.UnitSize - 1) / _geometry.UnitSize;
            ulong mask = (1UL << end) - (1UL << first);
            bits = ((IsPacked(old) ? 0 : old.Bits) | mask) & ~(mask << Subclusters);
        }

        if (place.IsNew)
        {
            await _space.CountAsync(place.Offset, cancellationToken).ConfigureAwait(false);
        }

        await _tables.PlaceAsync(
            old, (ulong)place.Offset | CopiedFlag, bits, cancellationToken).ConfigureAwait(false);
        if (place.IsNew)
        {
            Release(old);
        }
    }

    public override void GiveBack(long block, Place place) =>
        _space.Recycler.GiveBack(place.Offset);

    public override async ValueTask<bool> ClearAsync(
        long block, CancellationToken cancellationToken)
    {
        long offset = block << _geometry.ClusterBits;
        bool hasParent = _parent is not null && offset < _parent.Disk.Length;
        if (_files.Header.HasDataFile || (hasParent && !_files.Header.HasZeroFlag))
        {
            return false;
        }

        await EmptyAsync(offset, hasParent, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public override ValueTask CommitAsync(CancellationToken cancellationToken) =>
        _commit.WriteAsync(cancellationToken);

    public override async ValueTask FlushStoresAsync(CancellationToken cancellationToken)
    {
        if (_files.Data != _files.File)
        {
            await _files.Data.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await _files.File.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask BeginAsync(CancellationToken cancellationToken) =>
        new Qcow2Beginning(_files, _lookup, _space, _commit, RecountAsync)
            .RunAsync(cancellationToken);

    public override ValueTask ResizeAsync(long length, CancellationToken cancellationToken) =>
        new Qcow2Resizer(_files, _lookup, _space, this).RunAsync(
            length, _parent?.Disk.Length ?? 0, cancellationToken);

    /// <summary>Checks the image, and repairs it; nothing else changes it meanwhile.</summary>
    public ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken) =>
        new Qcow2Check(_files, repair ? _space : null, repair ? _commit : null)
            .RunAsync(progress, cancellationToken);

    /// <summary>Takes what a cluster has away from it.</summary>
    /// <param name="offset">Where on the disk it begins.</param>
    /// <param name="asZeros">Whether it is zeros from now on, or the parent's.</param>
    /// <param name="cancellationToken">Gives the work up.</param>
    public async ValueTask EmptyAsync(
        long offset, bool asZeros, CancellationToken cancellationToken)
    {
        L2Entry old = await _tables.ReadAsync(offset, cancellationToken).ConfigureAwait(false);
        if (!asZeros && (old.Word | old.Bits) == 0)
        {
            return;
        }

        old = await _tables.OwnAsync(offset, cancellationToken).ConfigureAwait(false);
        await _tables.UnplaceAsync(
            old,
            asZeros && !_geometry.IsExtended ? ZeroFlag : 0,
            asZeros ? L2Entry.AllZero : 0,
            cancellationToken).ConfigureAwait(false);
        Release(old);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_parent is not null)
        {
            await _parent.DisposeAsync().ConfigureAwait(false);
        }

        if (_files.Data != _files.File)
        {
            await _files.Data.DisposeAsync().ConfigureAwait(false);
        }

        if (!_leaveOpen)
        {
            await _files.File.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Some images say that their data file alone is the disk. A cluster without an entry ends that:
    // after a loss of power its new bytes could lie in the data file, and the disk be zeros there.
    private async ValueTask WithdrawAsync(L2Entry entry, CancellationToken cancellationToken)
    {
        if ((_files.Header.Autoclear & RawDataAutoclear) != 0 && !HasPlace(entry))
        {
            _files.Header = _files.Header with
            {
                Autoclear = _files.Header.Autoclear & ~RawDataAutoclear,
            };
            await _commit.WriteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask RecountAsync(CancellationToken cancellationToken)
    {
        CheckReport report = await CheckAsync(repair: true, null, cancellationToken)
            .ConfigureAwait(false);
        if (!report.IsClean)
        {
            throw DiskFormatException.Corrupt(
                "The qcow2 was not closed by whoever wrote it last, and has more wrong with it "
                + $"than its refcounts: {report.Errors[0]}");
        }
    }

    private static bool IsPacked(L2Entry entry) => (entry.Word & CompressedFlag) != 0;

    private bool HasPlace(L2Entry entry) => !IsPacked(entry) && _reader.HasPlace(entry.Word);

    private void Release(L2Entry old)
    {
        if (IsPacked(old))
        {
            var packed = PackedPlace.Parse((long)(old.Word & (CompressedFlag - 1)), _geometry);
            for (long at = packed.Offset & -_geometry.ClusterSize;
                at < packed.End;
                at += _geometry.ClusterSize)
            {
                _space.Release(at);
            }
        }
        else if (HasPlace(old) && !_files.Header.HasDataFile)
        {
            _space.Release(_reader.Place(old.Word));
        }
    }
}
