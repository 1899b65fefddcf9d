using VMSeed.Blocks.Images;
using VMSeed.Blocks.Reading.Flights;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Brings blocks before they are read: on a guess, or because somebody asked.</summary>
internal sealed class Prefetcher(
    ImageGeometry geometry,
    BlockIndex index,
    BlockLoader loader,
    ReadContext context,
    bool guesses)
{
    private readonly ReadAhead? _readAhead =
        guesses ? new(geometry.BlockSize, geometry.BlockCount) : null;

    /// <summary>A reader waited for these blocks.</summary>
    public void OnMiss(long first, long last) =>
        Extend(_readAhead?.OnMiss(first, last) ?? default);

    /// <summary>A reader read a marked block.</summary>
    public void OnMark(long block) => Extend(_readAhead?.OnMark(block) ?? default);

    /// <summary>Brings blocks that are not local, behind every foreground read.</summary>
    /// <returns>The blocks that were not local, and not on their way either.</returns>
    public async Task<int> PrefetchAsync(
        long first, int count, long mark, CancellationToken cancellation)
    {
        IndexLeaf[] leaves = await index
            .GetLeavesAsync(first, first + count - 1, ReadPurpose.Prefetch, cancellation)
            .ConfigureAwait(false);
        var joined = new List<BlockFlight>();
        try
        {
            int missing = Launch(leaves, first, count, mark, joined);
            foreach (BlockFlight flight in joined)
            {
                await flight.Landing.WaitAsync(cancellation).ConfigureAwait(false);
            }

            return missing;
        }
        finally
        {
            joined.ForEach(flight => flight.Leave());
        }
    }

    private int Launch(
        IndexLeaf[] leaves, long first, int count, long mark, List<BlockFlight> joined)
    {
        var started = new List<BlockFlight>();
        for (long block = first; block < first + count; block++)
        {
            IndexLeaf leaf = leaves[geometry.PageOf(block) - geometry.PageOf(first)];
            int place = geometry.PlaceInPage(block);
            if (leaf.IsZeroBlock(place))
            {
                continue;
            }

            BlockFlight? flight = leaf.Resident(place) is { IsLocal: true }
                ? null
                : loader.Join(
                    leaf, place, geometry.BlockLength(block), ReadPurpose.Prefetch, started);
            if (flight is not null)
            {
                joined.Add(flight);
            }

            if (block >= mark && (flight?.Resident ?? leaf.Resident(place)) is { } resident)
            {
                resident.Mark = true;
                mark = long.MaxValue;
            }
        }

        context.Counters.CountPrefetched(started.Count);
        if (started.Count > 0)
        {
            _ = loader.StartAsync(started, ReadPurpose.Prefetch);
        }

        // The loader sorts the list; its length stays.
        return started.Count;
    }

    private void Extend(ReadAhead.Window window)
    {
        if (window.Count > 0)
        {
            _ = Task.Run(() => GuessAsync(window));
        }
    }

    private async Task GuessAsync(ReadAhead.Window window)
    {
        try
        {
            await PrefetchAsync(window.First, window.Count, window.Mark, default)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            // Counted and logged where it happened; a reader that needs the bytes asks for them.
            context.Log.GuessFailed(window.First, window.Count, exception.Message);
        }
    }
}
