using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part that must not be read (<c>NOACCESS</c>).</summary>
internal sealed class BarredExtent(long start, long length) : VmdkExtent(start, length)
{
    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss) =>
        throw DiskFormatException.Unsupported(
            $"The VMDK's descriptor grants no access to the {Length} bytes at {Start}.");
}
