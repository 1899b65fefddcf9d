using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Archives;

/// <summary>The map of a sparse file, held to what can be.</summary>
/// <param name="length">The file's size with its holes.</param>
/// <param name="archiveLength">The archive's.</param>
internal sealed class TarRegionList(long length, long archiveLength)
{
    private readonly List<(long Offset, long Length)> _regions = [];
    private long _end;

    /// <summary>The file's size with its holes.</summary>
    public long Length => length;

    public void Add(long offset, long count)
    {
        if (_regions.Count == TarFormat.MaxEntries)
        {
            throw DiskFormatException.Unsupported(
                $"The map of the sparse file has more than {TarFormat.MaxEntries} entries.");
        }

        if (offset < _end || count < 0 || count > length - offset)
        {
            throw DiskFormatException.Corrupt(
                $"The map of the sparse file has {count} bytes at {offset}; they must lie between "
                + $"{_end}, where the entry before ends, and the file's {length} bytes.");
        }

        _regions.Add((offset, count));
        _end = offset + count;
    }

    /// <summary>The regions with their places, the first of which is told.</summary>
    public List<TarRegion> PlacedFrom(long place)
    {
        List<TarRegion> placed = new(_regions.Count);
        foreach ((long offset, long count) in _regions)
        {
            if (count > archiveLength - place)
            {
                throw DiskFormatException.Corrupt(
                    $"The archive has {archiveLength} bytes; {count} of the file's belong at "
                    + $"{place}.");
            }

            placed.Add(new TarRegion(offset, count, place));
            place += TarFormat.RoundUp(count);
        }

        return placed;
    }
}
