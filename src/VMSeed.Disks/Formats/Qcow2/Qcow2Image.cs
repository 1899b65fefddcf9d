using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>An open qcow2.</summary>
internal sealed class Qcow2Image : DiskImage
{
    public Qcow2Image(OpenRequest request, Qcow2Files files, OpenedParent? parent)
    {
        if (request.CanWrite)
        {
            throw DiskFormatException.Unsupported("Qcow2 images are read only.");
        }

        Info = files.Header.Describe();
        Disk = new MappedDisk(
            new Qcow2Map(files, parent, request.Options.LeaveOpen), parent?.Disk);
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }
}
