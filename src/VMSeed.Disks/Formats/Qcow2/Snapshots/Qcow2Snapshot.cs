using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Snapshots;

// A snapshot is an L1 table and a size of its own over the image's clusters. So an image that has
// the two in its header is the disk as it was, and nothing below the header knows.

/// <summary>An internal snapshot.</summary>
/// <param name="L1Offset">Where its L1 table lies.</param>
/// <param name="L1Size">How many entries that has.</param>
/// <param name="Description">What it says of itself.</param>
internal sealed record Qcow2Snapshot(long L1Offset, int L1Size, DiskSnapshot Description)
{
    /// <summary>The header of an image that is the disk as it was.</summary>
    /// <param name="header">The image's own.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    /// <exception cref="DiskFormatException">The table does not fit the size or the
    /// file.</exception>
    public Qcow2Header ApplyTo(Qcow2Header header, long fileLength)
    {
        long length = Description.Length;
        long needed = length < 0 ? long.MaxValue : header.Geometry.L1Entries(length);
        bool isPlace = L1Offset > 0 && (L1Offset & (header.Geometry.ClusterSize - 1)) == 0
            && L1Offset <= fileLength - (8L * L1Size);
        if (L1Size < needed || L1Size > MaxL1Bytes / 8 || (L1Size > 0 && !isPlace))
        {
            throw DiskFormatException.Corrupt(
                $"The snapshot '{Qcow2Snapshots.Shorten(Description.Id)}' of the qcow2 has an L1 "
                + $"table of {L1Size} entries at {L1Offset} for {length} bytes; that needs "
                + $"{needed} entries, at the beginning of a cluster, within {fileLength} bytes.");
        }

        return header with { Size = length, L1Offset = L1Offset, L1Size = L1Size };
    }
}
