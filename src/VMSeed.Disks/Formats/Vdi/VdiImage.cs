using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>An open VDI.</summary>
internal sealed class VdiImage : DiskImage
{
    public VdiImage(OpenRequest request, VdiHeader header, TablePages tables, uint next)
    {
        var map = new VdiMap(request.File, header, tables, next, request.Options.LeaveOpen);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent: null, new TransferEpochs())
            : new MappedDisk(map, parent: null);
        Identity = new DiskIdentity(header.CreateId, header.ModifyId);
        Info = new DiskInfo
        {
            Format = DiskFormat.Vdi,
            Variant = header.Type == Fixed ? "fixed" : "dynamic",
            BlockSize = header.BlockSize,
            Id = header.CreateId,
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override DiskIdentity Identity { get; }
}
