using VMSeed.Blocks.Caching;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading.Flights;

/// <summary>Loads blocks that are not resident: single flight, cache first, then the
/// network.</summary>
/// <remarks>
/// A flight is listed by its block's digest from the moment that somebody wants the block until it
/// lies in the cache. Flights belong to the disk, not to the reader that began them: a reader that
/// gives up takes nobody's bytes away. A block whose flight was a prefetch and failed is loaded
/// again for the reader that joined it, with all the patience of a foreground read.
/// </remarks>
internal sealed class BlockLoader(ReadContext context, PrefetchGate gate) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FlightKey, BlockFlight> _flights = [];
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource _drained =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _running = 1;

    /// <summary>Joins the flight of a block, or lists a new one, which the caller starts at
    /// once.</summary>
    /// <returns>The flight; null when the block has become local meanwhile.</returns>
    public BlockFlight? Join(
        IndexLeaf leaf, int place, int length, ReadPurpose purpose, List<BlockFlight> started)
    {
        var key = new FlightKey(leaf.Table.Blocks[place].Digest, length);
        lock (_lock)
        {
            bool promotes = false;
            if (_flights.TryGetValue(key, out BlockFlight? flight))
            {
                promotes = !flight.Wanted && purpose == ReadPurpose.Foreground;
            }
            else if (leaf.Resident(place) is { IsLocal: true })
            {
                return null;
            }
            else
            {
                flight = new BlockFlight(leaf, place, length, purpose);
                _flights.Add(key, flight);
                started.Add(flight);
            }

            // Wanted first: the gate looks at it when the prefetch arrives there.
            flight.JoinUnsynchronized(purpose);
            if (promotes)
            {
                gate.Promote();
            }

            return flight;
        }
    }

    /// <summary>Sets flights off; the task is done when all have landed or failed, and never
    /// fails.</summary>
    public Task StartAsync(List<BlockFlight> flights, ReadPurpose purpose)
    {
        lock (_lock)
        {
            if (_lifetime.IsCancellationRequested)
            {
                Close(flights, ReadContext.Disposed());
                return Task.CompletedTask;
            }

            _running++;
        }

        // A prefetch must not spend the time of the read that it was guessed from.
        return purpose == ReadPurpose.Prefetch
            ? Task.Run(() => RunAsync(flights, purpose))
            : RunAsync(flights, purpose);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _lifetime.CancelAsync().ConfigureAwait(false);
        Leave();
        await _drained.Task.ConfigureAwait(false);
        _lifetime.Dispose();
        gate.Dispose();
    }

    private async Task RunAsync(List<BlockFlight> flights, ReadPurpose purpose)
    {
        try
        {
            List<BlockFlight> misses = context.Cache is null
                ? flights
                : await LoadFromCacheAsync(context.Cache, flights).ConfigureAwait(false);
            List<FrameRun> runs = RangePlanner.Plan(misses);
            var fetches = new Task[runs.Count];
            for (int i = runs.Count - 1; i >= 0; i--)
            {
                FrameRun run = runs[i];

                // The first run is fetched here; those beside it get threads of their own to decode
                // on.
                fetches[i] = i == 0
                    ? FetchAsync(run, purpose)
                    : Task.Run(() => FetchAsync(run, purpose));
            }

            await Task.WhenAll(fetches).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever happened is for those who wait to know.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Close(flights, _lifetime.IsCancellationRequested ? ReadContext.Disposed() : exception);
        }
        finally
        {
            Close(flights, null);
            Leave();
        }
    }

    private async Task<List<BlockFlight>> LoadFromCacheAsync(
        BlockCache cache, List<BlockFlight> flights)
    {
        var misses = new List<BlockFlight>();
        foreach (BlockFlight flight in flights)
        {
            if (!await TryLoadAsync(cache, flight).ConfigureAwait(false))
            {
                misses.Add(flight);
            }
        }

        return misses;
    }

    private async ValueTask<bool> TryLoadAsync(BlockCache cache, BlockFlight flight)
    {
        int trailer = context.Proof.TrailerLength;
        BlockPlace place = await cache
            .FindAsync(flight.Digest, flight.Length + trailer, _lifetime.Token)
            .ConfigureAwait(false);
        if (!place.Exists)
        {
            return false;
        }

        BlockBuffer buffer = BlockBuffer.Rent(flight.Length, trailer);
        bool whole = await cache
            .ReadAsync(place, 0, buffer.Stored, _lifetime.Token).ConfigureAwait(false);
        if (!whole || !context.Proof.IsKept(buffer, flight.Digest))
        {
            buffer.Release();
            if (whole)
            {
                context.Counters.CountHeal();
                await cache.DropAsync(place).ConfigureAwait(false);
            }

            return false;
        }

        context.Memory.Add(flight.Resident, buffer);
        Remember(flight, place);
        flight.Land(buffer);
        return true;
    }

    // A place that is remembered is read without a hash from now on.
    private void Remember(BlockFlight flight, in BlockPlace place)
    {
        if (place.Exists && !context.VerifyAlways)
        {
            flight.Resident.SetPlace(place);
        }
    }

    private async Task FetchAsync(FrameRun run, ReadPurpose purpose)
    {
        try
        {
            using PrefetchGate.Pass pass = await gate
                .EnterAsync(run, purpose, _lifetime.Token).ConfigureAwait(false);
            var fetcher = new RunFetcher(context, run, purpose, Close);
            await fetcher.FetchAsync(_lifetime.Token).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            foreach ((_, List<BlockFlight> flights) in run.Frames)
            {
                Close(flights.Where(f => !f.HasLanded), exception);
            }
        }

        await KeepAsync(run).ConfigureAwait(false);
    }

    private async Task KeepAsync(FrameRun run)
    {
        if (context.Cache is not { } cache)
        {
            return;
        }

        var landed = run.Frames.SelectMany(f => f.Flights).Where(f => f.HasLanded).ToArray();
        var entries = new CacheEntry[landed.Length];
        for (int i = 0; i < landed.Length; i++)
        {
            context.Proof.Seal(landed[i].Bytes, landed[i].Digest);
            entries[i] = new CacheEntry(landed[i].Digest, landed[i].Bytes.Stored);
        }

        var places = new BlockPlace[landed.Length];
        // Not given up with the disk: what has been downloaded is not downloaded again.
        await cache.PutAsync(entries, places, CancellationToken.None).ConfigureAwait(false);
        for (int i = 0; i < landed.Length; i++)
        {
            Remember(landed[i], places[i]);
        }
    }

    // Flights leave the list when their bytes can be had without them, or not at all.
    private void Close(IEnumerable<BlockFlight> flights, Exception? failure)
    {
        foreach (BlockFlight flight in flights)
        {
            bool wasListed = Unlist(flight);
            if (failure is not null)
            {
                flight.Fail(failure);
            }

            if (wasListed)
            {
                flight.Leave();
            }
        }
    }

    // Before it fails: who tries again must not join the flight that has just failed him.
    private bool Unlist(BlockFlight flight)
    {
        var key = new FlightKey(flight.Digest, flight.Length);
        lock (_lock)
        {
            return _flights.TryGetValue(key, out BlockFlight? listed)
                && listed == flight
                && _flights.Remove(key);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            _running--;
            if (_running == 0)
            {
                _drained.TrySetResult();
            }
        }
    }

    // One digest has one length, unless a publisher lies; then neither reader gets the other's.
    private readonly record struct FlightKey(Digest Digest, int Length);
}
