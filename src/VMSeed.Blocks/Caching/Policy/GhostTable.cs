using System.Numerics;

namespace VMSeed.Blocks.Caching.Policy;

/// <summary>Remembers for a while what was evicted young: should it come again, it stays.</summary>
/// <remarks>
/// A table without chains: a name that falls on another's place displaces it, which forgets a few
/// per cent early and needs no queue. The memory of a name ends after as many evictions as the
/// ghosts are meant to be, so the table's size does not change what the policy does.
/// </remarks>
/// <param name="ghosts">How many evictions a name is remembered for.</param>
internal sealed class GhostTable(int ghosts)
{
    private readonly ulong[] _places = new ulong[BitOperations.RoundUpToPowerOf2((uint)ghosts * 2)];
    private uint _evictions;

    /// <summary>Remembers a name.</summary>
    /// <param name="name">64 bits, evenly spread.</param>
    public void Add(ulong name)
    {
        _evictions++;
        _places[name % (ulong)_places.Length] = (name & 0xffff_ffff_0000_0000) | _evictions;
    }

    /// <summary>Whether a name is remembered; it is forgotten then.</summary>
    /// <param name="name">The name.</param>
    /// <returns>True when it was evicted not long ago.</returns>
    public bool Take(ulong name)
    {
        ref ulong place = ref _places[name % (ulong)_places.Length];
        bool found = place != 0
            && ((place ^ name) & 0xffff_ffff_0000_0000) == 0
            && _evictions - (uint)place < (uint)ghosts;
        place = found ? 0 : place;
        return found;
    }
}
