using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vmdk.Extents;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk;

/// <summary>The extents of a VMDK, one behind the other.</summary>
internal sealed class VmdkMap : DiskMap
{
    private readonly BlockDevice _file;
    private readonly ExtentFiles _files;
    private readonly VmdkExtent[] _extents;
    private readonly bool _leaveOpen;

    /// <summary>A map over opened extents.</summary>
    /// <param name="file">The image's file.</param>
    /// <param name="files">The other files, which become the map's.</param>
    /// <param name="extents">The extents, at least one.</param>
    /// <param name="leaveOpen">Whether the image's file outlives the map.</param>
    public VmdkMap(BlockDevice file, ExtentFiles files, VmdkExtent[] extents, bool leaveOpen)
    {
        (_file, _files, _extents, _leaveOpen) = (file, files, extents, leaveOpen);
        UnitSize = extents.Max(extent => extent.UnitSize);
    }

    public override long Length => _extents[^1].Start + _extents[^1].Length;

    public override int UnitSize { get; }

    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(offset);
        long within = offset - extent.Start;
        return extent.MapAsync(
            within, Math.Min(length, extent.Length - within), cancellationToken);
    }

    public override ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(unit);
        return extent.UnpackAsync(unit - extent.Start, target, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync().ConfigureAwait(false);
        if (!_leaveOpen)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }
    }

    // The last that begins at or before the offset: one without a length has none.
    private VmdkExtent Find(long offset)
    {
        int low = 0;
        for (int high = _extents.Length - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            if (_extents[middle].Start <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _extents[low];
    }
}
