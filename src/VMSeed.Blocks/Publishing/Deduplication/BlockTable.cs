using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Deduplication;

/// <summary>Where every block of a repository is stored: what is in it is not stored
/// again.</summary>
/// <remarks>
/// Some 100 bytes of memory for each stored block, 0.15 % of the data at 64 KiB. A pack that is
/// still being written has a number from the beginning, and its record when it is closed. Safe for
/// any number of readers beside one writer.
/// </remarks>
internal sealed class BlockTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Digest, BlockPlace> _blocks = [];
    private readonly List<FrameRecord> _frames = [];
    private readonly List<PackRecord> _packs = [];

    /// <summary>Every pack, by its number.</summary>
    public IReadOnlyList<PackRecord> Packs => _packs;

    /// <summary>Counts a pack in.</summary>
    /// <returns>Its number, which frames name it by.</returns>
    public int AddPack(PackRecord pack)
    {
        _packs.Add(pack);
        return _packs.Count - 1;
    }

    /// <summary>Gives a pack that was written its record.</summary>
    public void ClosePack(int number, PackRecord pack) => _packs[number] = pack;

    public bool IsClosed(int pack) => _packs[pack].Length > 0;

    public PackRecord Pack(int number) => _packs[number];

    /// <summary>Adds a block, after those before it in the same frame; its first place is
    /// kept.</summary>
    /// <param name="frame">Its frame, with the number of the pack.</param>
    /// <param name="block">The block.</param>
    public void Add(in FrameRecord frame, PackedBlock block)
    {
        lock (_gate)
        {
            if (_frames.Count == 0 || _frames[^1] != frame)
            {
                _frames.Add(frame);
            }

            _blocks.TryAdd(block.Digest, new(_frames.Count - 1, block.Place));
        }
    }

    /// <summary>Tells which of some blocks are stored.</summary>
    public void Find(ReadOnlySpan<Digest> digests, Span<bool> found)
    {
        lock (_gate)
        {
            for (int i = 0; i < digests.Length; i++)
            {
                found[i] = _blocks.ContainsKey(digests[i]);
            }
        }
    }

    /// <summary>Looks a block up.</summary>
    public bool TryFind(Digest digest, out BlockPlace place)
    {
        lock (_gate)
        {
            return _blocks.TryGetValue(digest, out place);
        }
    }

    /// <summary>A frame by the number that a block's place names; only for the one
    /// writer.</summary>
    public FrameRecord Frame(int number) => _frames[number];
}
