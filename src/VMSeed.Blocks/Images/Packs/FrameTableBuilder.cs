using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Images.Packs;

/// <summary>Collects blocks, and lists their packs and frames in the order of first use.</summary>
internal sealed class FrameTableBuilder
{
    private readonly List<BlockRecord> _blocks = [];
    private readonly List<FrameRecord> _frames = [];
    private readonly List<PackRecord> _packs = [];
    private readonly Dictionary<(Digest Pack, long Offset), int> _frameOf = [];
    private readonly Dictionary<Digest, int> _packOf = [];

    public int Count => _blocks.Count;

    public void AddZero() => _blocks.Add(BlockRecord.Zero);

    public void Add(Digest digest, in BlockLocation location)
    {
        if (!_packOf.TryGetValue(location.Pack.Digest, out int pack))
        {
            pack = _packs.Count;
            _packs.Add(location.Pack);
            _packOf.Add(location.Pack.Digest, pack);
        }

        var key = (location.Pack.Digest, location.Frame.Offset);
        if (!_frameOf.TryGetValue(key, out int frame))
        {
            frame = _frames.Count;
            _frames.Add(location.Frame with { Pack = pack });
            _frameOf.Add(key, frame);
        }

        _blocks.Add(new BlockRecord(digest, frame, location.Place));
    }

    public FrameTable Build() => new([.. _packs], [.. _frames], [.. _blocks]);
}
