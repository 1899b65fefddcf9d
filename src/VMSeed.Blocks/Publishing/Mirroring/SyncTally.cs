namespace VMSeed.Blocks.Publishing.Mirroring;

/// <summary>What has been copied so far.</summary>
internal sealed class SyncTally(IProgress<SyncProgress>? progress)
{
    private readonly Lock _gate = new();
    private long _total;
    private long _objects;
    private long _bytes;
    private long _copiedObjects;
    private long _copiedBytes;

    /// <summary>Everything that is needed is known.</summary>
    public void Expect(IEnumerable<NeededObject> objects)
    {
        lock (_gate)
        {
            _total = _bytes + objects.Sum(item => item.Length);
        }
    }

    /// <summary>The mirror has an object.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="wasCopied">Whether it had to be brought.</param>
    public void Add(long length, bool wasCopied)
    {
        SyncProgress now;
        lock (_gate)
        {
            _objects++;
            _bytes += length;
            _copiedObjects += wasCopied ? 1 : 0;
            _copiedBytes += wasCopied ? length : 0;
            now = new(_objects, _bytes, _total, _copiedBytes);
        }

        progress?.Report(now);
    }

    /// <summary>What there is to say at the end; the heads are the caller's to add.</summary>
    public SyncResult Result()
    {
        lock (_gate)
        {
            return new SyncResult
            {
                Images = [],
                NewHeads = 0,
                Objects = _objects,
                CopiedObjects = _copiedObjects,
                Bytes = _bytes,
                CopiedBytes = _copiedBytes,
            };
        }
    }
}
