using VMSeed.Blocks;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part that lies as it is in a file (<c>FLAT</c>, <c>VMFS</c>).</summary>
internal sealed class FlatExtent(long start, long length, BlockDevice file, long offset)
    : VmdkExtent(start, length)
{
    public override ValueTask<Run> MapAsync(
        long place, long length, CancellationToken cancellationToken) =>
        new(Run.Data(file, offset + place, length));
}
