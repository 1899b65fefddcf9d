using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Cloop;

/// <summary>An open cloop image.</summary>
internal sealed class CloopImage : DiskImage
{
    private readonly OpenRequest _request;
    private readonly CloopHeader _header;
    private readonly CloopIndex _index;

    public CloopImage(OpenRequest request, CloopHeader header, CloopIndex index)
    {
        (_request, _header, _index) = (request, header, index);
        Disk = new MappedDisk(
            new CloopMap(request.File, header, index, request.Options.LeaveOpen), parent: null);
        Info = new DiskInfo
        {
            Format = DiskFormat.Cloop,
            Variant = header.Version.Name + (header.IsLast ? ", header last" : ""),
            BlockSize = header.BlockSize,
        };
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken) =>
        CloopCheck.RunAsync(_request.File, _header, _index, progress, cancellationToken);
}
