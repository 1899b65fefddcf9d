using VMSeed.Blocks.Images;
using VMSeed.Blocks.Reading.Flights;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Brings blocks before they are read: on a guess, or because somebody asked.</summary>
internal sealed class Prefetcher(
    ImageGeometry geometry,
    ImageIndex index,
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
    /// <returns>The blocks that were not local.</returns>
    public async Task<int> PrefetchAsync(
        long first, int count, long mark, CancellationToken cancellation)
    {
        var started = new List<BlockFlight>();
        for (long block = first; block < first + count; block++)
        {
            IndexLeaf leaf = await index
                .GetAsync(geometry.PageOf(block), ReadPurpose.Prefetch, cancellation)
                .ConfigureAwait(false);
            int place = geometry.PlaceInPage(block);
            if (leaf.IsZeroBlock(place))
            {
                continue;
            }

            ResidentBlock? resident = leaf.Resident(place);
            if (resident is not { IsLocal: true }
                && !loader.IsFlying(leaf.Table.Blocks[place].Digest))
            {
                BlockFlight flight = loader.Join(
                    leaf, place, geometry.BlockLength(block), ReadPurpose.Prefetch, started);
                flight.Leave();
                resident = flight.Resident;
            }

            if (resident is not null && block >= mark)
            {
                resident.Mark = true;
                mark = long.MaxValue;
            }
        }

        int missing = started.Count;
        context.Counters.CountPrefetched(missing);
        await loader.StartAsync(started, ReadPurpose.Prefetch).ConfigureAwait(false);
        foreach (BlockFlight flight in started)
        {
            if (flight.Landing.IsFaulted)
            {
                await flight.Landing.ConfigureAwait(false);
            }
        }

        return missing;
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
