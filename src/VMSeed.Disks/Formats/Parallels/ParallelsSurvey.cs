using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Parallels;

/// <summary>What the whole table says of the file: what is in use, what is free, what two clusters
/// claim.</summary>
/// <remarks>4 bytes of memory an entry that is in use. Clusters are compared by their places, not
/// by slots: those of old images need not lie a whole number of clusters apart.</remarks>
internal sealed class ParallelsSurvey
{
    private readonly ParallelsHeader _header;
    private readonly List<uint> _entries = [];
    private readonly HashSet<uint> _inner = [];

    private ParallelsSurvey(ParallelsHeader header) => _header = header;

    /// <summary>Where the first cluster begins; where the data may begin when there is
    /// none.</summary>
    public long First { get; private set; }

    /// <summary>Where the last cluster ends.</summary>
    public long End { get; private set; }

    /// <summary>Places between clusters that hold none.</summary>
    public List<long> Free { get; } = [];

    /// <summary>Places whose bytes another cluster claims too.</summary>
    public HashSet<uint> Shared { get; } = [];

    /// <summary>Clusters that begin past the file's end, or within the table.</summary>
    public long Outside { get; private set; }

    /// <summary>Whether a place that is shared begins before those that it shares bytes
    /// with.</summary>
    public bool IsFirst(uint entry) => !_inner.Contains(entry);

    public bool IsSound => Outside == 0 && Shared.Count == 0;

    public static async ValueTask<ParallelsSurvey> RunAsync(
        ParallelsHeader header,
        TablePages tables,
        long fileLength,
        CancellationToken cancellationToken)
    {
        var survey = new ParallelsSurvey(header);
        long end = header.TableEnd;
        for (long at = ParallelsConstants.HeaderLength; at < end;)
        {
            TablePage page = await tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
            long pageEnd = Math.Min(end, page.Offset + TablePage.Size);
            for (; at < pageEnd; at += sizeof(uint))
            {
                survey.Add(page.ReadUInt32LittleEndian((int)(at - page.Offset)), fileLength);
            }
        }

        survey.Compare();
        return survey;
    }

    /// <summary>Whether an entry points where a cluster may be.</summary>
    public static bool IsInside(ParallelsHeader header, uint entry, long fileLength)
    {
        long offset = (long)entry * header.EntryUnit;
        return offset >= header.TableEnd && offset < fileLength;
    }

    private void Add(uint entry, long fileLength)
    {
        if (entry == 0)
        {
            return;
        }

        if (IsInside(_header, entry, fileLength))
        {
            _entries.Add(entry);
        }
        else
        {
            Outside++;
        }
    }

    private void Compare()
    {
        _entries.Sort();
        First = _entries.Count == 0 ? _header.DataOffset : (long)_entries[0] * _header.EntryUnit;
        End = _header.DataOffset;
        for (int i = 0; i < _entries.Count; i++)
        {
            long offset = (long)_entries[i] * _header.EntryUnit;
            if (i > 0 && offset < End)
            {
                Note(_entries[i], _entries[i - 1]);
            }
            else
            {
                AddFree(offset);
            }

            End = Math.Max(End, offset + _header.ClusterSize);
        }
    }

    private void Note(uint entry, uint before)
    {
        Shared.Add(entry);
        if (entry != before)
        {
            _inner.Add(entry);
        }
    }

    // Only where new clusters would go too: a whole number of clusters from where the data begins.
    private void AddFree(long until)
    {
        long phase = _header.DataOffset % _header.ClusterSize;
        long free = FileTail.Align(End - phase, _header.ClusterSize) + phase;
        for (; free + _header.ClusterSize <= until; free += _header.ClusterSize)
        {
            Free.Add(free);
        }
    }
}
