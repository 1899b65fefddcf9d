using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Flights;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Resident;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Reads ranges of an image: what is resident at once, the rest when it has
/// landed.</summary>
/// <remarks>
/// The life of a read. For each block of the range:
/// <list type="number">
/// <item>Its leaf is in memory and says zero: the buffer is cleared.</item>
/// <item>The block is resident in memory: a copy.</item>
/// <item>The block is resident in the cache, verified since the disk was opened: one pread, with
/// the cache's word that the place was not given to another block meanwhile.</item>
/// </list>
/// As long as one of these holds, the read goes on synchronously and allocates nothing. At the
/// first block for which none does, the rest of the range goes the slow way: leaves are loaded,
/// flights of all missing blocks are joined or started before the first is awaited, and the bytes
/// are copied in order.
/// </remarks>
internal sealed class BlockReader(
    ImageGeometry geometry,
    ImageIndex index,
    BlockLoader loader,
    ReadContext context,
    bool readAhead)
{
    private readonly ReadAhead? _readAhead =
        readAhead ? new(geometry.BlockSize, geometry.BlockCount) : null;

    /// <summary>Fills a buffer.</summary>
    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            int count = Math.Min(
                buffer.Length, geometry.BlockSize - geometry.PlaceInBlock(offset));
            ValueTask<bool> part = TryReadResidentAsync(offset, buffer[..count], cancellation);
            if (!part.IsCompletedSuccessfully)
            {
                return FinishAsync(part, count, offset, buffer, cancellation);
            }

            if (!part.Result)
            {
                return ReadSlowlyAsync(offset, buffer, cancellation);
            }

            offset += count;
            buffer = buffer[count..];
        }

        return default;
    }

    /// <summary>What is known of a block without fetching it.</summary>
    public async ValueTask<ExtentKind> LocateAsync(long block, CancellationToken cancellation)
    {
        IndexLeaf leaf = await index
            .GetAsync(geometry.PageOf(block), ReadPurpose.Foreground, cancellation)
            .ConfigureAwait(false);
        int place = geometry.PlaceInPage(block);
        if (leaf.IsZeroBlock(place))
        {
            return ExtentKind.Zero;
        }

        if (leaf.Resident(place) is { IsLocal: true })
        {
            return ExtentKind.Data;
        }

        bool cached = context.Cache is { } cache
            && (await cache.FindAsync(
                    leaf.Table.Blocks[place].Digest, geometry.BlockLength(block), cancellation)
                .ConfigureAwait(false)).Exists;
        return cached ? ExtentKind.Data : ExtentKind.Absent;
    }

    /// <summary>Whether a whole leaf is zeros.</summary>
    public async ValueTask<bool> IsZeroLeafAsync(long leaf, CancellationToken cancellation) =>
        (await index.GetAsync(leaf, ReadPurpose.Foreground, cancellation).ConfigureAwait(false))
        .IsZero;

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

    // False: the block is not resident, or not any more.
    private ValueTask<bool> TryReadResidentAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        long block = geometry.BlockAt(offset);
        IndexLeaf? leaf = index.TryGet(geometry.PageOf(block));
        if (leaf is null)
        {
            return new(false);
        }

        int place = geometry.PlaceInPage(block);
        if (leaf.IsZeroBlock(place))
        {
            buffer.Span.Clear();
            return new(true);
        }

        ResidentBlock? resident = leaf.Resident(place);
        if (resident is null)
        {
            return new(false);
        }

        if (resident.Mark)
        {
            resident.Mark = false;
            Extend(_readAhead?.OnMark(block) ?? default);
        }

        return ReadResidentAsync(
            resident, geometry.PlaceInBlock(offset), buffer, cancellation);
    }

    private ValueTask<bool> ReadResidentAsync(
        ResidentBlock resident, int offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (resident.TryCopy(offset, buffer.Span))
        {
            context.Counters.CountHit();
            return new(true);
        }

        ResidentBlock.CachedPlace? cached = resident.Place;
        if (cached is null)
        {
            return new(false);
        }

        ValueTask<bool> read =
            context.Cache!.ReadAsync(cached.Place, offset, buffer, cancellation);
        if (!read.IsCompletedSuccessfully)
        {
            return read;
        }

        bool whole = read.Result;
        if (whole)
        {
            context.Counters.CountHit();
        }
        else
        {
            resident.Place = null;
        }

        return new(whole);
    }

    private async ValueTask FinishAsync(
        ValueTask<bool> part,
        int count,
        long offset,
        Memory<byte> buffer,
        CancellationToken cancellation)
    {
        if (await part.ConfigureAwait(false))
        {
            offset += count;
            buffer = buffer[count..];
        }
        else
        {
            await ReadSlowlyAsync(offset, buffer[..count], cancellation).ConfigureAwait(false);
            offset += count;
            buffer = buffer[count..];
        }

        await ReadAsync(offset, buffer, cancellation).ConfigureAwait(false);
    }

    private async ValueTask ReadSlowlyAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        // A large read is cut, so that its flights hold a bounded number of blocks.
        while (buffer.Length > 0)
        {
            int count = Math.Min(buffer.Length, ReadAhead.MaxWindow);
            await ReadWindowAsync(offset, buffer[..count], cancellation).ConfigureAwait(false);
            offset += count;
            buffer = buffer[count..];
        }
    }

    private async ValueTask ReadWindowAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        long first = geometry.BlockAt(offset);
        long last = geometry.BlockAt(offset + buffer.Length - 1);
        var parts = new BlockFlight?[last - first + 1];
        try
        {
            int missing = await LaunchAsync(first, parts, cancellation).ConfigureAwait(false);
            if (missing > 0)
            {
                context.Counters.CountMisses(missing);
                Extend(_readAhead?.OnMiss(first, last) ?? default);
            }

            for (long block = first; block <= last; block++)
            {
                int place = geometry.PlaceInBlock(offset);
                int count = Math.Min(buffer.Length, geometry.BlockSize - place);
                await CopyAsync(block, parts[block - first], place, buffer[..count], cancellation)
                    .ConfigureAwait(false);
                offset += count;
                buffer = buffer[count..];
            }
        }
        finally
        {
            foreach (BlockFlight? flight in parts)
            {
                flight?.Leave();
            }
        }
    }

    private async ValueTask<int> LaunchAsync(
        long first, BlockFlight?[] parts, CancellationToken cancellation)
    {
        var started = new List<BlockFlight>();
        int missing = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            IndexLeaf leaf = await index
                .GetAsync(geometry.PageOf(first + i), ReadPurpose.Foreground, cancellation)
                .ConfigureAwait(false);
            int place = geometry.PlaceInPage(first + i);
            if (leaf.IsZeroBlock(place) || leaf.Resident(place) is { IsLocal: true })
            {
                continue;
            }

            parts[i] = loader.Join(
                leaf, place, geometry.BlockLength(first + i), ReadPurpose.Foreground, started);
            missing++;
        }

        if (started.Count > 0)
        {
            _ = loader.StartAsync(started, ReadPurpose.Foreground);
        }

        return missing;
    }

    private async ValueTask CopyAsync(
        long block,
        BlockFlight? flight,
        int place,
        Memory<byte> buffer,
        CancellationToken cancellation)
    {
        if (flight is not null && await LandsAsync(flight, cancellation).ConfigureAwait(false))
        {
            flight.Bytes.Span.Slice(place, buffer.Length).CopyTo(buffer.Span);
            ShareResident(block, flight);
            return;
        }

        // Resident when we looked, or a failed guess: look again, with a flight of our own.
        long offset = geometry.OffsetOf(block) + place;
        if (!await TryReadResidentAsync(offset, buffer, cancellation).ConfigureAwait(false))
        {
            Forget(block);
            await ReadWindowAsync(offset, buffer, cancellation).ConfigureAwait(false);
        }
    }

    // What the cache has evicted is resident no more, and its next read must find that out.
    private void Forget(long block)
    {
        if (index.TryGet(geometry.PageOf(block)) is { IsZero: false } leaf)
        {
            leaf.SetResident(geometry.PlaceInPage(block), null);
        }
    }

    // False: the flight began as a prefetch and failed, which says nothing about this read.
    private static async ValueTask<bool> LandsAsync(
        BlockFlight flight, CancellationToken cancellation)
    {
        try
        {
            await flight.Landing.WaitAsync(cancellation).ConfigureAwait(false);
            return true;
        }
        catch (BlockIOException) when (flight.Purpose == ReadPurpose.Prefetch)
        {
            return false;
        }
    }

    // Equal blocks fly once; each of their indexes learns where the bytes are.
    private void ShareResident(long block, BlockFlight flight)
    {
        if (index.TryGet(geometry.PageOf(block)) is { IsZero: false } leaf)
        {
            leaf.SetResident(geometry.PlaceInPage(block), flight.Resident);
        }
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
