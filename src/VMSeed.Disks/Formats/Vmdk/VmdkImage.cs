using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>An open VMDK.</summary>
internal sealed class VmdkImage : DiskImage
{
    private readonly OpenedParent? _parent;
    private readonly VmdkMap _map;
    private volatile DiskInfo _info;

    /// <summary>An image over its map.</summary>
    /// <param name="map">The map, which becomes the image's.</param>
    /// <param name="parent">What lies below; becomes the image's.</param>
    /// <param name="epochs">What transfers enter; null for an image that is read only.</param>
    public VmdkImage(VmdkMap map, OpenedParent? parent, TransferEpochs? epochs)
    {
        (_map, _parent) = (map, parent);
        Disk = epochs is null
            ? new MappedDisk(map, parent?.Disk)
            : new WritableDisk(map, parent?.Disk, epochs);
        VmdkDescriptor descriptor = map.Descriptor.Current;
        _info = new DiskInfo
        {
            Format = DiskFormat.Vmdk,
            Variant = descriptor.CreateType,
            BlockSize = Math.Max(map.BlockSize, map.UnitSize),
            ParentName = descriptor.HasParent ? descriptor.ParentName : null,
            IsUnclean = map.IsUnclean,
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info => _info;

    public override DiskIdentity Identity =>
        new(Guid.Empty, Guid.Empty, _map.Descriptor.Current.Cid);

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        CheckTally tally = new();
        if (Disk is WritableDisk disk)
        {
            await disk.RunAloneAsync(
                () => RunCheckAsync(tally, repair, progress, cancellationToken), repair)
                .ConfigureAwait(false);
        }
        else
        {
            await RunCheckAsync(tally, repair: false, progress, cancellationToken)
                .ConfigureAwait(false);
        }

        return tally.Report();
    }

    public override async ValueTask SetParentAsync(
        string? name,
        DiskFormat? format,
        DiskIdentity identity,
        CancellationToken cancellationToken)
    {
        VmdkDescriptor descriptor = _map.Descriptor.Current;
        if (!descriptor.HasParent)
        {
            throw DiskFormatException.Unsupported(
                "The VMDK has no parent whose name could be changed; make a new image over one.");
        }

        name = string.IsNullOrEmpty(name) ? null : name;
        uint cid = name is null ? VmdkConstants.NoParent
            : format is null ? descriptor.ParentCid
            : VmdkParent.ToCid(identity);
        await ((WritableDisk)Disk).RunAloneAsync(
            () => _map.Descriptor.ReplaceAsync(
                descriptor.WithParent(name, cid), cancellationToken),
            repairs: false).ConfigureAwait(false);
        _info = _info with { ParentName = name };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_parent is not null)
        {
            await _parent.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask RunCheckAsync(
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        if (repair)
        {
            await _map.BeginAsync(cancellationToken).ConfigureAwait(false);
        }

        await _map.CheckAsync(tally, repair, progress, cancellationToken).ConfigureAwait(false);
    }
}
