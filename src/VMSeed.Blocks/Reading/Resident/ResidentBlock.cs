using VMSeed.Blocks.Caching;

namespace VMSeed.Blocks.Reading.Resident;

/// <summary>Where a block, verified since the disk was opened, can be read from without the
/// network.</summary>
internal sealed class ResidentBlock
{
    private BlockBuffer? _memory;
    private CachedPlace? _place;

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

    /// <summary>The place in the cache, while it is known to be good.</summary>
    public CachedPlace? Place
    {
        get => Volatile.Read(ref _place);
        set => Volatile.Write(ref _place, value);
    }

    /// <summary>Whether the bytes can be had here and now, as far as is known.</summary>
    public bool IsLocal => Memory is not null || Place is not null;

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

    /// <summary>A place of the cache, boxed so that it changes in one piece.</summary>
    internal sealed class CachedPlace(BlockPlace place)
    {
        public readonly BlockPlace Place = place;
    }
}
