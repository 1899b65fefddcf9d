namespace VMSeed.Blocks.Reading.Resident;

/// <summary>The hottest blocks, kept as plain bytes: a hit costs a copy and no system
/// call.</summary>
/// <remarks>
/// A ring under a hand (CLOCK): the hand passes over a block that was read since its last visit,
/// and evicts one that was not. Readers retain a buffer while they copy, so eviction never waits
/// for them and they never see a buffer that is used again.
/// </remarks>
internal sealed class MemoryTier(long capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<(ResidentBlock Block, BlockBuffer Buffer)> _ring = [];
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes a block in, and as many out as the capacity demands.</summary>
    public void Add(ResidentBlock block, BlockBuffer buffer)
    {
        if (buffer.Length > capacity || !buffer.TryRetain())
        {
            return;
        }

        lock (_gate)
        {
            if (block.Memory is not null)
            {
                buffer.Release();
                return;
            }

            _bytes += buffer.Length;
            _ring.Enqueue((block, buffer));
            block.Memory = buffer;
            TrimUnsynchronized();
        }
    }

    /// <summary>Lets everything go.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_ring.TryDequeue(out var slot))
            {
                EvictUnsynchronized(slot.Block, slot.Buffer);
            }
        }
    }

    private void TrimUnsynchronized()
    {
        while (_bytes > capacity)
        {
            (ResidentBlock block, BlockBuffer buffer) = _ring.Dequeue();
            if (block.Visited)
            {
                block.Visited = false;
                _ring.Enqueue((block, buffer));
            }
            else
            {
                EvictUnsynchronized(block, buffer);
            }
        }
    }

    private void EvictUnsynchronized(ResidentBlock block, BlockBuffer buffer)
    {
        _bytes -= buffer.Length;
        block.Memory = null;
        buffer.Release();
    }
}
