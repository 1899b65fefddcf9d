using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part of zeros that no file has (<c>ZERO</c>).</summary>
internal sealed class ZeroExtent(long start, long length) : VmdkExtent(start, length)
{
    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (run, miss) = (Run.Zero(length), default);
        return true;
    }
}
