using System.Runtime.CompilerServices;

namespace VMSeed.Blocks.Caching.Policy;

/// <summary>How often each block was asked for again, 0 to 3: a byte a slot, perhaps
/// shared.</summary>
/// <remarks>
/// Readers mark, without a lock; who evicts looks and cools. A mark that is lost in a race is a
/// mark less, no more.
/// <para>A block of 64 KiB that a program reads once, in pieces of 4 KiB, is asked for sixteen
/// times within moments; were that heat, one pass over a disk would look like sixteen and wash
/// everything out. So a block is not warmed by what follows soon after it came or was warmed last.
/// Soon is counted in what the store took in meanwhile (<see cref="Clock"/>), not in seconds: a
/// fast scan and a slow one look alike. The byte holds the heat in two bits and the clock in six;
/// the clock comes round every 64 ticks, and a hit in the two of them that look like soon is not
/// counted.</para>
/// </remarks>
internal sealed unsafe class HeatMap
{
    /// <summary>Ticks of the clock in which a store takes in as much as it holds.</summary>
    /// <remarks>More, and a read-ahead's span outlasts a tick in a small store; fewer, and what is
    /// in the small queue, a tenth, has no time to be asked for again.</remarks>
    public const int TicksPerTurnover = 256;

    private const int HeatMask = 3;
    private const int ClockShift = 2;
    private const int ClockMask = 63;
    private const int SoonTicks = 2;

    private readonly uint* _clock;
    private readonly byte* _heat;
    private readonly uint _mask;
    private readonly object _owner;

    /// <summary>A map over memory that somebody owns.</summary>
    /// <param name="owner">Kept alive as long as the map is.</param>
    /// <param name="clock">The clock's word.</param>
    /// <param name="heat">The bytes.</param>
    /// <param name="stripes">How many: a power of two. Slots that are further apart share a
    /// byte.</param>
    public HeatMap(object owner, uint* clock, byte* heat, int stripes)
    {
        _owner = owner;
        _clock = clock;
        _heat = heat;
        _mask = (uint)stripes - 1;
    }

    /// <summary>Ticks that have passed; advanced by whoever puts blocks.</summary>
    public uint Clock
    {
        get => *_clock;
        set => *_clock = value;
    }

    /// <summary>A reader had the slot's block.</summary>
    /// <param name="slot">The slot.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(int slot)
    {
        // Looked at before it is written: a hot block's byte stays in every core's cache.
        ref byte value = ref _heat[slot & _mask];
        int seen = value;
        uint now = *_clock & ClockMask;
        uint ticks = (now - (uint)(seen >> ClockShift)) & ClockMask;
        if ((seen & HeatMask) < HeatMask && ticks >= SoonTicks)
        {
            value = (byte)((now << ClockShift) | (uint)((seen & HeatMask) + 1));
        }

        GC.KeepAlive(_owner);
    }

    /// <summary>The heat of a slot's block.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>0 to 3.</returns>
    public int Of(int slot)
    {
        int heat = _heat[slot & _mask] & HeatMask;
        GC.KeepAlive(_owner);
        return heat;
    }

    /// <summary>A block comes to a slot, cold; what follows soon does not warm it.</summary>
    /// <param name="slot">The slot.</param>
    public void Reset(int slot)
    {
        _heat[slot & _mask] = (byte)((*_clock & ClockMask) << ClockShift);
        GC.KeepAlive(_owner);
    }

    /// <summary>A block was there when the store was opened; the next hit warms it.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="heat">What its entry remembers.</param>
    public void Restore(int slot, int heat)
    {
        uint longAgo = (*_clock - ((ClockMask + 1) / 2)) & ClockMask;
        _heat[slot & _mask] = (byte)((longAgo << ClockShift) | (uint)heat);
        GC.KeepAlive(_owner);
    }

    /// <summary>Lowers a slot's heat, leaving its clock.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="heat">What is left.</param>
    public void Cool(int slot, int heat)
    {
        ref byte value = ref _heat[slot & _mask];
        value = (byte)((value & ~HeatMask) | heat);
        GC.KeepAlive(_owner);
    }
}
