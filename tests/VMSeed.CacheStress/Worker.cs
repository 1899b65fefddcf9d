using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;

namespace VMSeed.CacheStress;

/// <summary>Reads blocks as a disk does: places are kept, bytes are hashed once a place.</summary>
internal sealed class Worker(BlockCache cache, Universe universe, int seed)
{
    private const int BatchLimit = 12;

    private readonly Random _random = new(seed);
    private readonly Dictionary<int, BlockPlace> _places = [];

    /// <summary>Reads that were checked byte by byte.</summary>
    public long Reads { get; private set; }

    /// <summary>Reads by a place that was kept and still stood.</summary>
    public long Kept { get; private set; }

    /// <summary>Kept places that a read refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Blocks whose bytes were wrong when they were hashed for the first time.</summary>
    public long Healed { get; private set; }

    /// <summary>Reads that gave wrong bytes by a place that had been verified. There must be
    /// none.</summary>
    public long Wrong { get; private set; }

    public async Task RunAsync(Func<bool> goesOn, bool prunes)
    {
        while (goesOn())
        {
            if (prunes && _random.Next(2000) == 0)
            {
                long target = _random.NextInt64(32 << 20);
                await cache.PruneAsync(target);
            }

            await StepAsync();
        }
    }

    public async Task StepAsync()
    {
        // Skewed, so that places live long enough to be used, and blocks are evicted all the same.
        double skew = _random.NextDouble();
        int block = (int)(skew * skew * skew * universe.Count);
        if (!await TryReadKeptAsync(block) && !await TryReadFoundAsync(block))
        {
            await PutAsync(block);
        }
    }

    private async Task<bool> TryReadKeptAsync(int block)
    {
        if (!_places.TryGetValue(block, out BlockPlace place))
        {
            return false;
        }

        int length = Universe.LengthOf(block);
        int offset = _random.Next(length);
        byte[] bytes = new byte[Math.Min(_random.Next(1, 16384), length - offset)];
        if (!await cache.ReadAsync(place, offset, bytes, default))
        {
            _places.Remove(block);
            Refused++;
            return false;
        }

        Kept++;
        Reads++;
        Wrong += Universe.Matches(block, offset, bytes) ? 0 : 1;
        return true;
    }

    private async Task<bool> TryReadFoundAsync(int block)
    {
        byte[] bytes = new byte[Universe.LengthOf(block)];
        BlockPlace place = await cache.FindAsync(universe.DigestOf(block), bytes.Length, default);
        if (!place.Exists || !await cache.ReadAsync(place, 0, bytes, default))
        {
            return false;
        }

        Reads++;
        if (Digest.Of(bytes) != universe.DigestOf(block))
        {
            Healed++;
            await cache.DropAsync(place);
            return false;
        }

        _places[block] = place;
        return true;
    }

    private async Task PutAsync(int first)
    {
        int count = _random.Next(1, BatchLimit);
        CacheEntry[] batch = new CacheEntry[Math.Min(count, universe.Count - first)];
        for (int i = 0; i < batch.Length; i++)
        {
            batch[i] = new CacheEntry(universe.DigestOf(first + i), Universe.Make(first + i));
        }

        BlockPlace[] places = new BlockPlace[batch.Length];
        await cache.PutAsync(batch, places, default);
        for (int i = 0; i < batch.Length; i++)
        {
            if (places[i].Exists)
            {
                _places[first + i] = places[i];
            }
        }
    }
}
