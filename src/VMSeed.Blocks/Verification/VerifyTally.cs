using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Verification;

/// <summary>What has been checked so far, and what was bad.</summary>
internal sealed class VerifyTally(IProgress<VerifyProgress>? progress, long dataBlocks)
{
    // A repository of which everything is gone is told by its first thousand objects as well.
    private const int MaxFaults = 1000;

    private readonly Lock _gate = new();
    private readonly HashSet<Digest> _objects = [];
    private readonly Dictionary<string, ObjectFault> _faults = [];
    private long _blocks;
    private long _bytes;

    /// <summary>Counts an object.</summary>
    /// <returns>Whether it is met for the first time.</returns>
    public bool Visit(Digest digest)
    {
        lock (_gate)
        {
            return _objects.Add(digest);
        }
    }

    /// <summary>Whether an object is known not to be there.</summary>
    public bool IsMissing(string path)
    {
        lock (_gate)
        {
            return _faults.TryGetValue(path, out ObjectFault? fault)
                && fault.Reason == FailureReason.Missing;
        }
    }

    /// <summary>Notes that an object is bad; its first fault is the one that is told.</summary>
    public void Blame(BlockIOException fault, string path)
    {
        lock (_gate)
        {
            if (_faults.Count < MaxFaults)
            {
                _faults.TryAdd(path, new ObjectFault(path, fault.Reason, fault.Message));
            }
        }
    }

    /// <summary>Counts blocks that were checked.</summary>
    public void Advance(long blocks, long bytes)
    {
        VerifyProgress now;
        lock (_gate)
        {
            _blocks += blocks;
            _bytes = bytes;
            now = new(_blocks, dataBlocks, bytes, _faults.Count);
        }

        progress?.Report(now);
    }

    public VerifyResult Result()
    {
        lock (_gate)
        {
            return new VerifyResult
            {
                Objects = _objects.Count,
                Blocks = _blocks,
                BytesRead = _bytes,
                Faults = [.. _faults.Values.OrderBy(f => f.Path, StringComparer.Ordinal)],
            };
        }
    }
}
