using VMSeed.Blocks;
using VMSeed.Disks.Drivers;

namespace VMSeed.Disks.Formats.Raw;

/// <summary>A raw image: its disk is its file.</summary>
internal sealed class RawImage(OpenRequest request) : DiskImage
{
    public override BlockDevice Disk { get; } =
        new RawDisk(request.File, request.CanWrite, request.Options.LeaveOpen);

    public override DiskInfo Info { get; } = new()
    {
        Format = DiskFormat.Raw,
        Variant = "raw",
    };
}
