using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>An open qcow2.</summary>
internal sealed class Qcow2Image : DiskImage
{
    private readonly Func<bool, IProgress<double>?, CancellationToken, ValueTask<CheckReport>>
        _check;

    public Qcow2Image(OpenRequest request, Qcow2Files files, OpenedParent? parent)
    {
        Info = files.Header.Describe();
        var map = new Qcow2Map(files, parent, request.Options.LeaveOpen);
        Disk = request.CanWrite
            ? new WritableDisk(map, parent?.Disk, map.Epochs)
            : new MappedDisk(map, parent?.Disk);
        _check = map.CheckAsync;
    }

    public override BlockDevice Disk { get; }

    public override DiskInfo Info { get; }

    public override async ValueTask<CheckReport> CheckAsync(
        bool repair, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (Disk is not WritableDisk disk)
        {
            return await _check(false, progress, cancellationToken).ConfigureAwait(false);
        }

        // A repair is not the beginning of a session: that has more to see to than refcounts.
        CheckReport? report = null;
        await disk.RunAloneAsync(
            async () => report = await _check(repair, progress, cancellationToken)
                .ConfigureAwait(false),
            repairs: false).ConfigureAwait(false);
        return report!;
    }
}
