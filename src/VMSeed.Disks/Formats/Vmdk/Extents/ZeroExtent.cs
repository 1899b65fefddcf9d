using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part of zeros that no file has (<c>ZERO</c>).</summary>
internal sealed class ZeroExtent(long start, long length) : VmdkExtent(start, length)
{
    public override ValueTask<Run> MapAsync(
        long offset, long length, CancellationToken cancellationToken) =>
        new(Run.Zero(length));
}
