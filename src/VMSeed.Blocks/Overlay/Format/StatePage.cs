using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VMSeed.Blocks.Overlay.Format;

/// <summary>A page of the state map: 16,384 blocks, 32 in each word, the first in the lowest two
/// bits.</summary>
/// <remarks>
/// Readers look at words while one writer at a time changes them: a word is read and written
/// whole, and what a block's new state stands for is there before the state is. On the disk the
/// page is its words, little-endian; a page that a loss of power has torn is a mixture of old and
/// new sectors, and so of old and new states, each of which holds by itself.
/// </remarks>
internal sealed class StatePage
{
    internal const int Size = 4096;

    private const int BlocksOfWord = 32;
    private const ulong LowBits = 0x5555_5555_5555_5555;

    private readonly ulong[] _words = new ulong[Size / sizeof(ulong)];

    private StatePage()
    {
    }

    /// <summary>The page of blocks that nobody has changed; never changed itself.</summary>
    internal static StatePage Untouched { get; } = new();

    /// <summary>Whether it differs from the one in the file.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Whether it is on its way into the file.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>Whether it was used since the search for a page to forget came by.</summary>
    internal bool IsUsed { get; set; }

    internal static StatePage New() => new();

    /// <summary>Reads a page's bytes.</summary>
    /// <exception cref="InvalidDataException">They hold a state that does not exist.</exception>
    internal static StatePage Read(ReadOnlySpan<byte> bytes, long offset)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
        {
            return Untouched;
        }

        StatePage page = new();
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i < words.Length; i++)
        {
            ulong word = BitConverter.IsLittleEndian
                ? words[i]
                : BinaryPrimitives.ReverseEndianness(words[i]);
            page._words[i] = (word & (word >> 1) & LowBits) == 0
                ? word
                : throw new InvalidDataException(
                    $"The overlay's state map is damaged in the page at byte {offset}: it has a "
                    + "block in the state 3, and there are states 0 to 2.");
        }

        return page;
    }

    /// <summary>Copies the page's bytes.</summary>
    internal void CopyTo(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        _words.CopyTo(words);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    internal BlockState StateOf(int block) =>
        (BlockState)((Volatile.Read(ref _words[block / BlocksOfWord]) >> ShiftOf(block)) & 3);

    /// <summary>How many blocks from one on are in its state, at least 1.</summary>
    internal int RunFrom(int block, BlockState state)
    {
        ulong all = LowBits * (ulong)state;
        int index = block / BlocksOfWord;

        // Blocks before the first one count as equal.
        ulong differing =
            (Volatile.Read(ref _words[index]) ^ all) & (ulong.MaxValue << ShiftOf(block));
        while (differing == 0)
        {
            if (++index == _words.Length)
            {
                return OverlayLayout.BlocksOfPage - block;
            }

            differing = Volatile.Read(ref _words[index]) ^ all;
        }

        int end = (index * BlocksOfWord) + (BitOperations.TrailingZeroCount(differing) / 2);

        // The word may have changed between two looks at it; the block itself is in its state.
        return Math.Max(1, end - block);
    }

    /// <summary>Puts a run of blocks into a state; for one writer at a time.</summary>
    internal void Set(int first, int count, BlockState state)
    {
        int end = first + count;
        while (first < end)
        {
            int place = first % BlocksOfWord;
            int run = Math.Min(end - first, BlocksOfWord - place);
            ulong mask = ulong.MaxValue >> (64 - (2 * run)) << (2 * place);
            ref ulong word = ref _words[first / BlocksOfWord];
            Volatile.Write(ref word, (word & ~mask) | (LowBits * (ulong)state & mask));
            first += run;
        }
    }

    private static int ShiftOf(int block) => block % BlocksOfWord * 2;
}
