using VMSeed.Disks.Binary;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>Counts the pointers to each cluster of a file.</summary>
internal sealed class ClusterTally
{
    /// <summary>1,024 clusters, 4 KiB of counters: where pointers are spread over a sparse file,
    /// a larger page would be mostly empty.</summary>
    private const int PageBits = 10;

    /// <summary>1 GiB of counters: a file of 16 TiB in clusters of 64 KiB. More is no image that
    /// anybody has, but one that means harm.</summary>
    private const int MaxPages = 1 << 18;

    private readonly SortedDictionary<long, uint[]> _pages = [];
    private long _lastNumber = -1;
    private uint[] _last = [];

    /// <summary>Adds pointers to a cluster.</summary>
    public void Add(long cluster, uint count) =>
        Page(cluster)[cluster & ((1 << PageBits) - 1)] += count;

    /// <summary>How many pointers there are.</summary>
    public uint Of(long cluster)
    {
        long number = cluster >> PageBits;
        return number == _lastNumber || _pages.ContainsKey(number)
            ? Page(cluster)[cluster & ((1 << PageBits) - 1)]
            : 0;
    }

    /// <summary>All clusters that have any, in ascending order.</summary>
    public IEnumerable<(long Cluster, uint Count)> All()
    {
        foreach ((long number, uint[] page) in _pages)
        {
            for (int i = 0; i < page.Length; i++)
            {
                if (page[i] > 0)
                {
                    yield return ((number << PageBits) + i, page[i]);
                }
            }
        }
    }

    private uint[] Page(long cluster)
    {
        long number = cluster >> PageBits;
        if (number == _lastNumber)
        {
            return _last;
        }

        if (!_pages.TryGetValue(number, out uint[]? page))
        {
            if (_pages.Count == MaxPages)
            {
                throw DiskFormatException.Unsupported(
                    $"The clusters of the qcow2 are spread over more than {MaxPages} places of "
                    + $"{1 << PageBits} clusters, which is more than is checked.");
            }

            page = new uint[1 << PageBits];
            _pages.Add(number, page);
        }

        (_lastNumber, _last) = (number, page);
        return page;
    }
}
