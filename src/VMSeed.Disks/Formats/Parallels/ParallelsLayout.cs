using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Parallels.ParallelsConstants;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>Where the parts of a new, or of a grown, image lie.</summary>
internal static class ParallelsLayout
{
    /// <summary>The header of a new image.</summary>
    /// <param name="size">The disk's size in bytes.</param>
    /// <param name="clusterSize">Bytes of a cluster.</param>
    /// <param name="generation">1 or 2; 0 for 1 as long as its entries reach, which more programs
    /// read.</param>
    /// <exception cref="DiskFormatException">The format has no such image.</exception>
    public static ParallelsHeader New(long size, int clusterSize, int generation)
    {
        if (clusterSize % 4096 != 0 || clusterSize is < 4096 or > GreatestClusterSize)
        {
            throw DiskFormatException.Unsupported(
                $"A Parallels image's cluster of {clusterSize} bytes must be a multiple of 4096 up "
                + $"to {GreatestClusterSize}.");
        }

        var header = new ParallelsHeader
        {
            Generation = generation == 0 ? 1 : generation,
            ClusterSize = clusterSize,
            EntryCount = 0,
            DiskSize = 0,
            DataOffset = 0,
        };
        header = Sized(header, size);
        header = header with
        {
            DataOffset = FileTail.Align(header.TableEnd, clusterSize),
        };
        if (generation == 0 && !Reaches(header))
        {
            header = header with { Generation = 2 };
        }

        return Reaches(header) ? header : throw DiskFormatException.Unsupported(
            $"A Parallels image of version {generation} cannot place {size} bytes: its entries end "
            + $"at {(long)uint.MaxValue * header.EntryUnit}.");
    }

    /// <summary>The header of an image that becomes larger.</summary>
    /// <exception cref="NotSupportedException">It would become smaller.</exception>
    public static ParallelsHeader Grow(ParallelsHeader header, long length)
    {
        ParallelsHeader grown = Sized(header, length);
        if (grown.DiskSize < header.DiskSize)
        {
            throw new NotSupportedException(
                $"A Parallels disk of {header.DiskSize} bytes does not become as small as "
                + $"{length}; convert it to another image.");
        }

        // Some images have more entries than they need.
        grown = grown with { EntryCount = Math.Max(grown.EntryCount, header.EntryCount) };
        return Reaches(grown) ? grown : throw new DiskFormatException(
            DiskFault.Full,
            $"The entries of a Parallels image of version {header.Generation} do not reach "
            + $"{length} bytes.");
    }

    /// <summary>Fails where the table of a header would run into the clusters.</summary>
    public static void RequireRoom(ParallelsHeader header, long end)
    {
        if (header.TableEnd > end)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The table of a disk of {header.DiskSize} bytes ends at {header.TableEnd}, and "
                + $"this image has room for it up to {end}; convert it to another image.");
        }
    }

    private static ParallelsHeader Sized(ParallelsHeader header, long length)
    {
        long size = FileTail.Align(length, SectorSize);
        long count = FileTail.Align(size, header.ClusterSize) / header.ClusterSize;
        return count <= GreatestEntryCount
            ? header with { DiskSize = size, EntryCount = (int)count }
            : throw DiskFormatException.Unsupported(
                $"A Parallels image of {length} bytes has {count} clusters of "
                + $"{header.ClusterSize}; {GreatestEntryCount} are the most.");
    }

    // Every cluster must have a place that an entry can say, though the disk fills up.
    private static bool Reaches(ParallelsHeader header) =>
        (header.DataOffset + ((long)header.EntryCount * header.ClusterSize)) / header.EntryUnit
            <= uint.MaxValue
        && (header.Generation == 2 || header.DiskSize / SectorSize <= uint.MaxValue);
}
