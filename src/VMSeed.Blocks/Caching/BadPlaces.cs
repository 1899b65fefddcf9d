using System.Collections.Concurrent;

namespace VMSeed.Blocks.Caching;

/// <summary>Places whose bytes were wrong and whose entries could not be removed, or not
/// yet.</summary>
internal sealed class BadPlaces
{
    private readonly ConcurrentDictionary<int, ulong> _stamps = new();
    private volatile bool _isAny;
    private long _total;

    /// <summary>Places that have been bad.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Whether a place is bad.</summary>
    /// <param name="place">The place.</param>
    /// <returns>True when it is.</returns>
    public bool Has(BlockPlace place) =>
        _isAny && _stamps.TryGetValue(place.Slot, out ulong stamp) && stamp == place.Stamp;

    /// <summary>Remembers a place.</summary>
    /// <param name="place">The place.</param>
    public void Add(BlockPlace place)
    {
        _stamps[place.Slot] = place.Stamp;
        _isAny = true;
        Interlocked.Increment(ref _total);
    }

    /// <summary>Forgets a place whose entry is gone.</summary>
    /// <param name="place">The place.</param>
    public void Remove(BlockPlace place) =>
        _stamps.TryRemove(new KeyValuePair<int, ulong>(place.Slot, place.Stamp));
}
