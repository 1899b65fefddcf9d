using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Publishing.Deduplication;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Which frames and packs an image uses: one bit for a frame of the repository.</summary>
internal sealed class UsedFrames(BlockTable table)
{
    private readonly HashSet<int> _packs = [];
    private ulong[] _frames = new ulong[1024];

    public IReadOnlyCollection<int> Packs => _packs;

    /// <summary>Bytes of the frames, each once.</summary>
    public long StoredBytes { get; private set; }

    public void Add(int number)
    {
        (int word, int bit) = (number >> 6, number & 63);
        if (word >= _frames.Length)
        {
            Array.Resize(ref _frames, Math.Max(word + 1, 2 * _frames.Length));
        }

        if ((_frames[word] & (1ul << bit)) == 0)
        {
            _frames[word] |= 1ul << bit;
            FrameRecord frame = table.Frame(number);
            StoredBytes += frame.StoredLength;
            _packs.Add(frame.Pack);
        }
    }
}
