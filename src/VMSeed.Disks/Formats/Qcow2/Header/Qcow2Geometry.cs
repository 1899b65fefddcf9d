using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Header;

/// <summary>The sizes that follow from an image's cluster size and kind of L2 tables.</summary>
internal sealed class Qcow2Geometry(int clusterBits, bool isExtended)
{
    /// <summary>The base 2 logarithm of the cluster size.</summary>
    public int ClusterBits { get; } = clusterBits;

    public int ClusterSize { get; } = 1 << clusterBits;

    /// <summary>Whether an L2 entry tells subclusters apart.</summary>
    public bool IsExtended { get; } = isExtended;

    /// <summary>Bytes of an L2 entry.</summary>
    public int EntrySize { get; } = isExtended ? 16 : 8;

    /// <summary>The base 2 logarithm of the entries of an L2 table.</summary>
    public int L2Bits { get; } = clusterBits - (isExtended ? 4 : 3);

    /// <summary>Bytes that are allocated and copied at once.</summary>
    public int UnitSize { get; } = isExtended ? (1 << clusterBits) / Subclusters : 1 << clusterBits;

    /// <summary>The base 2 logarithm of the bytes that an L2 table describes.</summary>
    public int L2ReachBits => ClusterBits + L2Bits;

    /// <summary>How many L1 entries a disk needs.</summary>
    public long L1Entries(long size) =>
        (size >> L2ReachBits) + ((size & ((1L << L2ReachBits) - 1)) == 0 ? 0 : 1);

    /// <summary>How many clusters so many bytes need.</summary>
    public long Clusters(long bytes) => (bytes + ClusterSize - 1) >> ClusterBits;
}
