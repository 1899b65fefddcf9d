using VMSeed.Blocks.Images;
using VMSeed.Blocks.Reading.Flights;
using VMSeed.Blocks.Reading.Indexing;

namespace VMSeed.Blocks.Reading;

/// <summary>The parts that serve reads, put together: the same for a published image and for any
/// file.</summary>
internal sealed class ReadPath : IAsyncDisposable
{
    private readonly BlockLoader _loader;

    public ReadPath(
        ImageGeometry geometry, BlockIndex index, ReadContext context, bool readsAhead)
    {
        (Geometry, Context) = (geometry, context);
        _loader = new BlockLoader(context, new PrefetchGate());
        var prefetcher = new Prefetcher(geometry, index, _loader, context, readsAhead);
        var windows = new WindowReader(geometry, index, _loader, context, prefetcher);
        Reader = new BlockReader(geometry, index, windows, context, prefetcher);
        Map = new BlockMap(geometry, index, context);
        Downloader = new Downloader(geometry, prefetcher, context);
    }

    public ImageGeometry Geometry { get; }

    public ReadContext Context { get; }

    public BlockReader Reader { get; }

    public BlockMap Map { get; }

    public Downloader Downloader { get; }

    /// <summary>Ends what is on its way; source, cache and memory are the caller's.</summary>
    public ValueTask DisposeAsync() => _loader.DisposeAsync();
}
