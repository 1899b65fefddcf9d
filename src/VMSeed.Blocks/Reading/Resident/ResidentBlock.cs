using VMSeed.Blocks.Caching;

namespace VMSeed.Blocks.Reading.Resident;

/// <summary>Where a block, verified since the disk was opened, can be read from without the
/// network.</summary>
internal sealed class ResidentBlock
{
    // Inline, not boxed: a random read misses the processor's caches at each object that it
    // touches. Set once, then published by the flag; a place that was lost is lost for this object.
    private BlockPlace _place;
    private BlockBuffer? _memory;
    private bool _hasPlace;

    /// <summary>Set by readers, cleared by the memory tier's hand.</summary>
    public bool Visited { get; set; }

    /// <summary>Whether a read of this block is the sign to read further ahead.</summary>
    public bool Mark { get; set; }

    /// <summary>The bytes, while the memory tier holds them.</summary>
    public BlockBuffer? Memory
    {
        get => Volatile.Read(ref _memory);
        set => Volatile.Write(ref _memory, value);
    }

    /// <summary>Whether <see cref="Place"/> is a place in the cache that is known to be
    /// good.</summary>
    public bool HasPlace => Volatile.Read(ref _hasPlace);

    /// <summary>The place in the cache, when <see cref="HasPlace"/> has said that there is
    /// one.</summary>
    public ref readonly BlockPlace Place => ref _place;

    /// <summary>Whether the bytes can be had here and now, as far as is known.</summary>
    public bool IsLocal => Memory is not null || HasPlace;

    /// <summary>Says where the block lies in the cache: once, by the flight that brought
    /// it.</summary>
    public void SetPlace(BlockPlace place)
    {
        _place = place;
        Volatile.Write(ref _hasPlace, true);
    }

    /// <summary>The cache has given the place to another block.</summary>
    public void LosePlace() => Volatile.Write(ref _hasPlace, false);

    /// <summary>Copies a part of the block from memory.</summary>
    public bool TryCopy(int offset, Span<byte> destination)
    {
        BlockBuffer? memory = Memory;
        if (memory is null || !memory.TryRetain())
        {
            return false;
        }

        memory.Span.Slice(offset, destination.Length).CopyTo(destination);
        memory.Release();
        if (!Visited)
        {
            Visited = true;
        }

        return true;
    }
}
