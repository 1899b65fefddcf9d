using VMSeed.Disks.Formats.Qcow2.Header;

namespace VMSeed.Disks.Formats.Qcow2.Creating;

// Compressed clusters lie byte by byte behind each other, across the borders of clusters of the
// file; tables and what does not compress begin with a cluster. What such a one leaves over of the
// cluster before it is still filled with compressed ones that fit.

/// <summary>Hands out the space of a file that is written once, and counts who uses it.</summary>
/// <param name="geometry">The image's sizes.</param>
/// <param name="first">Clusters at the beginning that are taken already, with one pointer
/// each.</param>
internal sealed class PackedSpace(Qcow2Geometry geometry, long first)
{
    private readonly List<ushort> _counts = [.. Enumerable.Repeat((ushort)1, (int)first)];
    private long _next;

    /// <summary>Clusters that are taken.</summary>
    public long Clusters => _counts.Count;

    /// <summary>The pointers to a cluster.</summary>
    public ushort CountOf(long cluster) => _counts[(int)cluster];

    /// <summary>Takes whole clusters.</summary>
    public long TakeClusters(long count)
    {
        long offset = Clusters << geometry.ClusterBits;
        for (long i = 0; i < count; i++)
        {
            _counts.Add(1);
        }

        return offset;
    }

    /// <summary>Takes some bytes.</summary>
    public long TakeBytes(int length)
    {
        long end = Clusters << geometry.ClusterBits;
        long room = -_next & (geometry.ClusterSize - 1);
        bool isLast = _next > end - geometry.ClusterSize;
        long offset = room >= length || (isLast && room > 0) ? _next : end;
        _next = offset + length;
        for (long at = offset & -geometry.ClusterSize; at < _next; at += geometry.ClusterSize)
        {
            if (at >> geometry.ClusterBits == Clusters)
            {
                _counts.Add(0);
            }

            _counts[(int)(at >> geometry.ClusterBits)]++;
        }

        return offset;
    }
}
