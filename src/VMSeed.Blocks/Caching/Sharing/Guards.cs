using System.Runtime.CompilerServices;
using VMSeed.Blocks.Caching.Policy;

namespace VMSeed.Blocks.Caching.Sharing;

/// <summary>A generation per directory slot, so that readers need no lock.</summary>
/// <remarks>
/// A generation is even while the slot's entry stands and odd while it is being taken away:
/// <list type="number">
/// <item>who evicts makes it odd, takes the entry out of the directory, makes it even again with
/// the next number, and only then lets other bytes into the entry's storage;</item>
/// <item>a reader that looks a block up takes the generation, and after that sees the entry in the
/// directory: the number, if it is even, belongs to this entry;</item>
/// <item>a reader copies bytes and then looks whether the number still stands. If so, the first
/// step had not begun when the copy ended, so no other byte was in the storage.</item>
/// </list>
/// One step of the evictor alone would not do: a reader could take the new number and still see the
/// old entry. A process that dies between the steps leaves an odd number; nobody's place has it,
/// and whoever holds the store's lock next makes it even. Full barriers stand between the steps
/// because the entry and the bytes are moved by the kernel, which the processor orders like our own
/// code.
/// </remarks>
internal sealed unsafe class Guards
{
    /// <summary>Slots that have a generation of their own; more share them.</summary>
    /// <remarks>Sharing costs needless look-ups and nothing else. 20 MiB of shared memory at most:
    /// what a container has by default is 64.</remarks>
    public const int MaxStripes = 4 << 20;

    /// <summary>Bytes before the generations: a mark and the clock, in a cache line of their
    /// own.</summary>
    public const int HeaderBytes = 64;

    private const int ClockOffset = 32;

    private readonly object _owner;
    private readonly uint* _generations;
    private readonly uint _mask;

    /// <summary>Guards over memory that somebody owns.</summary>
    /// <param name="owner">Kept alive as long as the guards are.</param>
    /// <param name="memory">As many bytes as <see cref="BytesFor"/> says, zero at first.</param>
    /// <param name="stripes">The number of generations: a power of two.</param>
    /// <param name="areShared">Whether every process that evicts uses this memory.</param>
    public Guards(object owner, byte* memory, int stripes, bool areShared)
    {
        _owner = owner;
        _generations = (uint*)(memory + HeaderBytes);
        _mask = (uint)stripes - 1;
        AreShared = areShared;
        Heat = new HeatMap(
            owner,
            (uint*)(memory + ClockOffset),
            memory + HeaderBytes + ((long)stripes * sizeof(uint)),
            stripes);
    }

    /// <summary>Whether an unchanged generation proves that a place is untouched.</summary>
    public bool AreShared { get; }

    /// <summary>How often each block was asked for again.</summary>
    public HeatMap Heat { get; }

    /// <summary>Generations for a directory.</summary>
    /// <param name="slots">Its slots.</param>
    /// <returns>A power of two.</returns>
    public static int StripesFor(int slots) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2(
        (uint)Math.Min(slots, MaxStripes));

    /// <summary>Bytes of memory for so many generations.</summary>
    /// <param name="stripes">Their number.</param>
    /// <returns>The bytes.</returns>
    public static long BytesFor(int stripes) =>
        HeaderBytes + ((long)stripes * (sizeof(uint) + sizeof(byte)));

    /// <summary>Guards of this process alone.</summary>
    /// <param name="slots">Slots of the directory.</param>
    /// <param name="areShared">Whether no other process evicts.</param>
    /// <returns>The guards.</returns>
    public static Guards Private(int slots, bool areShared)
    {
        int stripes = StripesFor(slots);
        byte[] memory = GC.AllocateArray<byte>(checked((int)BytesFor(stripes)), pinned: true);
        byte* start = (byte*)Unsafe.AsPointer(ref memory[0]);
        return new Guards(memory, start, stripes, areShared);
    }

    /// <summary>The slot's generation, to be taken before its entry is looked at.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>The generation; odd while the entry is being taken away.</returns>
    public uint Of(int slot)
    {
        uint generation = Volatile.Read(ref _generations[slot & _mask]);
        GC.KeepAlive(_owner);
        return generation;
    }

    /// <summary>Whether a generation still stands, asked after bytes have been copied.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="generation">What it was when the entry was seen.</param>
    /// <returns>True when the entry stood until the copy had ended.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool StillStands(int slot, uint generation)
    {
        Volatile.ReadBarrier(); // The copy's loads come before the generation's.
        bool stands = _generations[slot & _mask] == generation;
        GC.KeepAlive(_owner);
        return stands;
    }

    /// <summary>The slot's entry is about to be taken away. Under the store's lock.</summary>
    /// <param name="slot">The slot.</param>
    public void BeginRemoval(int slot) => Advance(slot, onlyFrom: 0);

    /// <summary>The slot's entry is gone. Under the store's lock.</summary>
    /// <param name="slot">The slot.</param>
    public void EndRemoval(int slot) => Advance(slot, onlyFrom: 1);

    // Two slots of a batch may share a generation: the second one's step has been made by the
    // first.
    private void Advance(int slot, uint onlyFrom)
    {
        ref uint generation = ref _generations[slot & _mask];
        if ((generation & 1) == onlyFrom)
        {
            _ = Interlocked.Increment(ref generation); // A full barrier on both sides.
        }

        GC.KeepAlive(_owner);
    }
}
