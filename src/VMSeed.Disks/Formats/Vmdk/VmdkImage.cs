using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>An open VMDK.</summary>
internal sealed class VmdkImage : DiskImage
{
    private readonly OpenedParent? _parent;
    private readonly VmdkDescriptor _descriptor;

    public VmdkImage(VmdkMap map, VmdkDescriptor descriptor, OpenedParent? parent, bool isUnclean)
    {
        _parent = parent;
        _descriptor = descriptor;
        Disk = new MappedDisk(map, parent?.Disk);
        Info = new DiskInfo
        {
            Format = DiskFormat.Vmdk,
            Variant = descriptor.CreateType,
            BlockSize = map.UnitSize,
            ParentName = descriptor.HasParent ? descriptor.ParentName : null,
            IsUnclean = isUnclean,
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override DiskIdentity Identity =>
        new(Guid.Empty, Guid.Empty, _descriptor.Cid);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_parent is not null)
        {
            await _parent.DisposeAsync().ConfigureAwait(false);
        }
    }
}
