using System.Runtime.InteropServices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.CacheStress;

/// <summary>All blocks that there are: the same in every process, and told apart by every byte of
/// them.</summary>
internal sealed class Universe
{
    private static readonly int[] s_lengths = [65536, 65536, 65536, 4096, 16384, 5000, 20000, 300];

    private readonly Digest[] _digests;
    private readonly bool[] _known;

    public Universe(int count)
    {
        _digests = new Digest[count];
        _known = new bool[count];
    }

    public int Count => _digests.Length;

    // Now and then the largest that there is: room for it has to be made among small ones.
    public static int LengthOf(int block) =>
        block % 97 == 96 ? 1 << 20 : s_lengths[block % s_lengths.Length];

    public static byte[] Make(int block)
    {
        byte[] bytes = new byte[LengthOf(block)];
        Fill(block, 0, bytes);
        return bytes;
    }

    public static bool Matches(int block, int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] right = new byte[bytes.Length];
        Fill(block, offset, right);
        return bytes.SequenceEqual(right);
    }

    public Digest DigestOf(int block)
    {
        if (!Volatile.Read(ref _known[block]))
        {
            _digests[block] = Digest.Of(Make(block));
            Volatile.Write(ref _known[block], true);
        }

        return _digests[block];
    }

    // Each 8 bytes name the block and their place in it; half of them are noise for a codec.
    private static void Fill(int block, int offset, Span<byte> bytes)
    {
        int first = offset / sizeof(ulong);
        ulong[] words = new ulong[((offset + bytes.Length - 1) / sizeof(ulong)) - first + 1];
        for (int i = 0; i < words.Length; i++)
        {
            ulong name = ((ulong)(uint)block << 32) | (uint)(first + i);
            words[i] = (i + first) % 2 == 0 ? name * 0x9E37_79B9_7F4A_7C15 : name;
        }

        MemoryMarshal.AsBytes(words.AsSpan())
            .Slice(offset % sizeof(ulong), bytes.Length)
            .CopyTo(bytes);
    }
}
