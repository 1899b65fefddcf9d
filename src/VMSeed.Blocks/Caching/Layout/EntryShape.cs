namespace VMSeed.Blocks.Caching.Layout;

/// <summary>A block's lengths, codec and heat, in 32 bits of its entry.</summary>
/// <param name="Bits">From the lowest: 20 bits of length less one, 8 of units less one, 1 for
/// compressed, 1 spare, 2 of heat.</param>
internal readonly record struct EntryShape(uint Bits)
{
    /// <summary>The largest block, in bytes.</summary>
    public const int MaxLength = 1 << UnitsShift;

    /// <summary>The greatest heat that an entry remembers.</summary>
    public const int MaxHeat = 3;

    private const int UnitsShift = 20;
    private const uint CompressedBit = 1 << 28;
    private const int HeatShift = 30;
    private const uint HeatMask = 3u << HeatShift;

    /// <summary>The block's plain length in bytes, 1 to <see cref="MaxLength"/>.</summary>
    public int Length => (int)(Bits & (MaxLength - 1)) + 1;

    /// <summary>Units of its stored bytes, 1 to 256.</summary>
    public int Units => (int)((Bits >> UnitsShift) & byte.MaxValue) + 1;

    /// <summary>Whether the stored bytes are compressed.</summary>
    public bool IsCompressed => (Bits & CompressedBit) != 0;

    /// <summary>How often the block was asked for again when its store was last closed.</summary>
    public int Heat => (int)(Bits >> HeatShift);

    /// <summary>The same without the heat, which changes while the entry stands.</summary>
    public EntryShape Cold => new(Bits & ~HeatMask);

    /// <summary>The shape of a block.</summary>
    /// <param name="length">Its plain length in bytes.</param>
    /// <param name="units">Units of its stored bytes.</param>
    /// <param name="compressed">Whether they are compressed.</param>
    /// <returns>The shape, cold.</returns>
    public static EntryShape Of(int length, int units, bool compressed) => new(
        (uint)(length - 1) | ((uint)(units - 1) << UnitsShift) | (compressed ? CompressedBit : 0));

    /// <summary>The same with another heat.</summary>
    /// <param name="heat">0 to <see cref="MaxHeat"/>.</param>
    /// <returns>The shape.</returns>
    public EntryShape WithHeat(int heat) => new(Cold.Bits | ((uint)heat << HeatShift));
}
