using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>An open qcow2.</summary>
internal sealed class Qcow2Image : DiskImage
{
    public Qcow2Image(OpenRequest request, Qcow2Files files, OpenedParent? parent)
    {
        Info = files.Header.Describe();
        var map = new Qcow2Map(files, parent, request.Options.LeaveOpen);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent?.Disk, map.Epochs)
            : new MappedDisk(map, parent?.Disk);
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }
}
