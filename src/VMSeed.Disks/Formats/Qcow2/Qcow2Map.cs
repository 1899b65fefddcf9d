using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Packing;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2;

/// <summary>The map of a qcow2.</summary>
internal sealed class Qcow2Map(Qcow2Files files, OpenedParent? parent, bool leaveOpen) : DiskMap
{
    private readonly Qcow2Lookup _lookup = new(files);
    private readonly ClusterUnpacker _unpacker = new(
        files.File, files.Header.Geometry, files.Header.Compression);

    public override long Length => files.Header.Size;

    public override int UnitSize => files.Header.Geometry.ClusterSize;

    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        _lookup.MapAsync(offset, length, cancellationToken);

    public override ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken) =>
        _unpacker.UnpackAsync(place, target, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (parent is not null)
        {
            await parent.DisposeAsync().ConfigureAwait(false);
        }

        if (files.Data != files.File)
        {
            await files.Data.DisposeAsync().ConfigureAwait(false);
        }

        if (!leaveOpen)
        {
            await files.File.DisposeAsync().ConfigureAwait(false);
        }
    }
}
