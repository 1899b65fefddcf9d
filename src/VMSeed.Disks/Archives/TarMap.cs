using VMSeed.Blocks;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Archives;

/// <summary>Where the bytes of an archive's member lie.</summary>
/// <param name="archive">The archive; closed with the map.</param>
/// <param name="member">The member.</param>
internal sealed class TarMap(BlockDevice archive, TarMember member) : DiskMap
{
    private readonly TarRegion[] _regions = [.. member.Regions];

    public override long Length => member.Length;

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (run, miss) = (Find(offset, length), default);
        return true;
    }

    public override ValueTask DisposeAsync() => archive.DisposeAsync();

    private Run Find(long offset, long length)
    {
        int next = FirstAfter(offset);
        if (next > 0 && offset - _regions[next - 1].Offset < _regions[next - 1].Length)
        {
            TarRegion region = _regions[next - 1];
            long start = offset - region.Offset;
            long count = Math.Min(length, region.Length - start);
            return Run.Data(archive, region.Place + start, count);
        }

        long end = next < _regions.Length ? _regions[next].Offset : Length;
        return Run.Zero(Math.Min(length, end - offset));
    }

    // The first region that begins after an offset.
    private int FirstAfter(long offset)
    {
        (int low, int high) = (0, _regions.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _regions[middle].Offset <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
