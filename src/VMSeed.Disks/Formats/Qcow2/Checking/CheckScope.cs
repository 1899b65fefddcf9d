using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Tables;

namespace VMSeed.Disks.Formats.Qcow2.Checking;

/// <summary>What the parts of a check share.</summary>
internal sealed class CheckScope(Qcow2Files files, CheckTally report, IProgress<double>? progress)
{
    private long _expected = 1;
    private long _done;

    public Qcow2Files Files { get; } = files;

    public Qcow2Geometry Geometry { get; } = files.Header.Geometry;

    public CheckTally Report { get; } = report;

    /// <summary>Pointers to each cluster.</summary>
    public ClusterTally Pointers { get; } = new();

    /// <summary>Clusters that hold tables: nothing else may point at them.</summary>
    public HashSet<long> Metadata { get; } = [];

    /// <summary>The L2 tables, and how many L1 entries name each.</summary>
    public Dictionary<long, uint> L2Tables { get; } = [];

    /// <summary>Where blocks of refcounts lie, by their number.</summary>
    public SortedDictionary<long, long> CountBlocks { get; } = [];

    /// <summary>Whether the refcounts cannot be mended where they are.</summary>
    public bool HasBrokenCounts { get; set; }

    /// <summary>Bad pointers that are gone once the refcounts are written anew.</summary>
    public long CountFaults { get; set; }

    /// <summary>Pointers that no repair can mend.</summary>
    public long BadPointers { get; private set; }

    /// <summary>Says how many steps there are.</summary>
    public void Expect(long steps) => _expected = Math.Max(1, steps);

    /// <summary>Says that another step is done.</summary>
    public void Advance() => progress?.Report(Math.Min(1, (double)++_done / _expected));

    /// <summary>Counts pointers to a range of the file; says so where it cannot be one.</summary>
    /// <returns>Whether the range can be used.</returns>
    public bool Point(long offset, long length, uint times, string what, bool isTable)
    {
        int mask = Geometry.ClusterSize - 1;
        if ((isTable && (offset & mask) != 0) || offset < 0
            || offset > Files.File.Length - 1 || length > Files.File.Length + mask - offset)
        {
            BadPointer(
                $"{what} at {offset}, {length} bytes long, does not begin with a cluster or lies "
                + $"past the {Files.File.Length} bytes of the file.");
            return false;
        }

        for (long at = offset & ~mask; at < offset + length; at += Geometry.ClusterSize)
        {
            Pointers.Add(at >> Geometry.ClusterBits, times);
            if (isTable && !Metadata.Add(at))
            {
                BadPointer($"{what} lies at {at}, where another table lies too.");
            }
        }

        return true;
    }

    /// <summary>A fault that stays.</summary>
    public void BadPointer(string sentence)
    {
        BadPointers++;
        Report.Error(sentence);
    }

    /// <summary>Reads a table; what the file does not have of it is zeros.</summary>
    public async ValueTask ReadAsync(
        long offset, Memory<byte> table, CancellationToken cancellationToken)
    {
        int there = (int)Math.Clamp(Files.File.Length - offset, 0, table.Length);
        table.Span[there..].Clear();
        if (there > 0)
        {
            await Files.File.ReadAsync(offset, table[..there], cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
