using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>An open VDI.</summary>
internal sealed class VdiImage : DiskImage
{
    private readonly VdiMap _map;
    private readonly TablePages _tables;
    private readonly BlockDevice _file;
    private readonly OpenedParent? _parent;
    private volatile DiskInfo _info;

    public VdiImage(
        OpenRequest request,
        VdiMap map,
        TablePages tables,
        TransferEpochs epochs,
        OpenedParent? parent)
    {
        (_map, _tables, _file, _parent) = (map, tables, request.File, parent);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent?.Disk, epochs)
            : new MappedDisk(map, parent?.Disk);
        VdiHeader header = map.Header;
        _info = new DiskInfo
        {
            Format = DiskFormat.Vdi,
            Variant = header.Type switch
            {
                Dynamic => "dynamic",
                Fixed => "fixed",
                Undo => "undo",
                _ => "differencing",
            },
            BlockSize = header.BlockSize,
            Id = header.CreateId,
            ParentName = parent is null ? null : VdiParent.Names(header)[0],
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info => _info;

    /// <summary>Changes with the first write.</summary>
    public override DiskIdentity Identity => new(_map.Header.CreateId, _map.Header.ModifyId);

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tally = new CheckTally();
        if (Disk is WritableDisk disk)
        {
            await disk.RunAloneAsync(
                () => CheckAsync(tally, repair, progress, cancellationToken), repair)
                .ConfigureAwait(false);
        }
        else
        {
            await CheckAsync(tally, repair: false, progress, cancellationToken)
                .ConfigureAwait(false);
        }

        return tally.Report();
    }

    /// <inheritdoc/>
    /// <remarks>The parent is known by its identifiers; the name goes into the comment, where it
    /// is for this library alone, unless somebody else's comment is there.</remarks>
    public override async ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken)
    {
        VdiHeader header = VdiParent.Rename(
            _map.Header, name, format is null ? null : identity);
        await ((WritableDisk)Disk).RunAloneAsync(
            () => _map.SetParentAsync(header, cancellationToken), repairs: false)
            .ConfigureAwait(false);
        _info = _info with
        {
            Variant = header.HasParent ? _info.Variant : "dynamic",
            ParentName = header.HasParent ? VdiParent.Names(header)[0] : null,
        };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_parent is not null)
        {
            await _parent.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask CheckAsync(
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        VdiHeader header = _map.Header;
        VdiSurvey survey = await VdiSurvey
            .TakeAsync(header, _tables, _file.Length, tally, progress, cancellationToken)
            .ConfigureAwait(false);
        tally.AllocatedBytes = (long)survey.Mapped * header.BlockSize;
        if (survey.End > survey.Mapped)
        {
            tally.Leak($"{survey.End - survey.Mapped} numbers below {survey.End} have no block.");
        }

        bool isMiscounted = header.Allocated != survey.End;
        if (isMiscounted)
        {
            tally.Error(
                $"The header counts {header.Allocated} blocks with storage; there are "
                + $"{survey.End}.");
        }

        if (repair)
        {
            await _map.BeginAsync(cancellationToken).ConfigureAwait(false);
            tally.Repaired += isMiscounted ? 1 : 0;
        }
    }
}
