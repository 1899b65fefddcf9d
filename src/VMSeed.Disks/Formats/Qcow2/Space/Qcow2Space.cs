using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Qcow2.Space;

// Where a new cluster comes from, in this order: clusters that this session has freed, clusters
// that were free when it began, the end of the file. The second are found by one pass over the
// refcounts, a few at a time, as clusters are asked for. What this session frees before that pass
// comes by is the recycler's, and the pass leaves it alone.

/// <summary>The clusters of the file: takes free ones, lets used ones go. Called under the disk's
/// gate.</summary>
internal sealed class Qcow2Space
{
    /// <summary>Refcounts that are looked through for one cluster at the most: 8,192, some 200 µs.
    /// What is not found soon is taken at the end of the file.</summary>
    private const int MaxLooks = 8192;

    /// <summary>Clusters that wait to be free before a commit is asked for: 262,144, 2 MiB of
    /// memory and 16 GiB of the disk in clusters of 64 KiB.</summary>
    private const int MaxReleases = 1 << 18;

    private readonly Qcow2Files _files;
    private readonly Qcow2Geometry _geometry;
    private readonly FileTail _tail;
    private readonly List<long> _released = [];
    private readonly HashSet<long> _recycled = [];
    private readonly long _firstEnd;
    private long _next;

    public Qcow2Space(Qcow2Files files)
    {
        _files = files;
        _geometry = files.Header.Geometry;
        long clusters = _geometry.Clusters(files.File.Length);
        _firstEnd = clusters;
        _tail = new FileTail(files.File, clusters << _geometry.ClusterBits);
        Counts = new Qcow2Counts(files, _tail);
    }

    public Qcow2Counts Counts { get; }

    public SpaceRecycler Recycler { get; } = new();

    /// <summary>Whether clusters wait for <see cref="ApplyReleasesAsync"/>.</summary>
    public bool HasReleases => _released.Count > 0 || Counts.Outgrown.Count > 0;

    /// <summary>Whether so many wait that it is time for a commit.</summary>
    public bool IsFull => _released.Count >= MaxReleases;

    /// <summary>Takes a cluster. It is not counted yet.</summary>
    /// <returns>Where it is, and whether it is known to hold zeros.</returns>
    public async ValueTask<(long Offset, bool IsZero)> TakeAsync(
        CancellationToken cancellationToken)
    {
        if (Recycler.TryTake(out long offset)
            || (offset = await FindAsync(cancellationToken).ConfigureAwait(false)) != 0)
        {
            return (offset, false);
        }

        return (await TakeTailAsync(1, cancellationToken).ConfigureAwait(false), true);
    }

    /// <summary>Takes clusters side by side at the end of the file, which hold zeros.</summary>
    public ValueTask<long> TakeTailAsync(long count, CancellationToken cancellationToken) =>
        _tail.TakeAsync(
            count << _geometry.ClusterBits, _geometry.ClusterSize, cancellationToken);

    /// <summary>Counts a cluster that was taken.</summary>
    public ValueTask CountAsync(long offset, CancellationToken cancellationToken) =>
        Counts.SetAsync(offset >> _geometry.ClusterBits, 1, cancellationToken);

    /// <summary>One pointer less aims at the cluster, once the tables are written.</summary>
    public void Release(long offset) => _released.Add(offset);

    /// <summary>Cuts off what the file has grown too far.</summary>
    public ValueTask TrimAsync(CancellationToken cancellationToken) =>
        _tail.TrimAsync(cancellationToken);

    /// <summary>Counts what was let go; the tables that no longer name it are durable.</summary>
    public async ValueTask ApplyReleasesAsync(CancellationToken cancellationToken)
    {
        _released.AddRange(Counts.Outgrown);
        Counts.Outgrown.Clear();
        while (_released.Count > 0)
        {
            long offset = _released[^1];
            long cluster = offset >> _geometry.ClusterBits;
            ulong count = await Counts.GetAsync(cluster, cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                await Counts.SetAsync(cluster, count - 1, cancellationToken).ConfigureAwait(false);
            }

            _released.RemoveAt(_released.Count - 1);
            if (count == 1)
            {
                Recycle(offset, cluster);
            }
        }
    }

    private void Recycle(long offset, long cluster)
    {
        Recycler.Release(offset);
        if (cluster >= _next && cluster < _firstEnd)
        {
            _recycled.Add(cluster);
        }
    }

    private async ValueTask<long> FindAsync(CancellationToken cancellationToken)
    {
        for (int looks = 0; looks < MaxLooks && _next < _firstEnd; looks++)
        {
            long cluster = _next;
            ulong count = await Counts.GetAsync(cluster, cancellationToken).ConfigureAwait(false);
            _next = cluster + 1;
            if (count == 0 && !_recycled.Remove(cluster))
            {
                return cluster << _geometry.ClusterBits;
            }
        }

        return 0;
    }
}
