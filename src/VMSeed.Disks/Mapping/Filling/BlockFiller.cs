using System.Buffers;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Mapping.Filling;

// A block that has no bytes of its own, or only some, is filled by one writer at a time, who claims
// it. The writer takes a place, writes the data with whatever of its copy units it does not cover,
// and only then adopts it: until then readers see what was there before. Blocks that a write covers
// whole go together: one turn at the gate to take their places, one transfer where these lie side
// by side, one turn to adopt them. With 64 KiB clusters that is a sixteenth of the steps for a
// write of 1 MiB.

/// <summary>Gives blocks their bytes.</summary>
/// <param name="disk">The disk, for what a block held before.</param>
/// <param name="map">Its map.</param>
/// <param name="gate">Entered for every change of the map.</param>
/// <param name="units">Unpacked units, which a change makes stale.</param>
internal sealed class BlockFiller(
    BlockDevice disk, WritableMap map, SemaphoreSlim gate, UnpackedUnits units)
{
    /// <summary>Bytes that go together at the most: 4 MiB. More would have other writers wait
    /// longer at the claims and save nothing.</summary>
    private const int MaxTogether = 4 << 20;

    private readonly BlockClaims _claims = new();

    /// <summary>Writes to blocks that are not the image's own at this offset.</summary>
    /// <returns>How many bytes were written, from the beginning of the data.</returns>
    public async ValueTask<int> FillAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        int blockSize = map.BlockSize;
        long block = offset / blockSize;
        int start = (int)(offset % blockSize);
        int whole = start == 0 ? Math.Min(data.Length, MaxTogether) / blockSize : 0;
        int count = Math.Max(1, whole);
        data = data[..Math.Min(data.Length, whole > 0 ? whole * blockSize : blockSize - start)];
        int claimed = 0;
        try
        {
            // In ascending order, as everybody, so that no two wait for each other.
            for (; claimed < count; claimed++)
            {
                await _claims.ClaimAsync(block + claimed, cancellationToken).ConfigureAwait(false);
            }

            return await FillClaimedAsync(offset, data, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            while (--claimed >= 0)
            {
                _claims.Release(block + claimed);
            }
        }
    }

    /// <summary>Makes a whole block zeros by its entry, where the format can.</summary>
    public async ValueTask<bool> ClearAsync(long block, CancellationToken cancellationToken)
    {
        await _claims.ClaimAsync(block, cancellationToken).ConfigureAwait(false);
        try
        {
            await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                bool isCleared = await map.ClearAsync(block, cancellationToken)
                    .ConfigureAwait(false);
                if (map.IsFull)
                {
                    await map.CommitAsync(cancellationToken).ConfigureAwait(false);
                }

                return isCleared;
            }
            finally
            {
                gate.Release();
            }
        }
        finally
        {
            _claims.Release(block);
        }
    }

    // Whoever had a claim before may have filled the block: then the data goes straight there. Only
    // units that are not the image's own are written with what is around the data, for others may
    // be written straight at this moment, and nothing of theirs may be put back.
    private async ValueTask<int> FillClaimedAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Run run = await map.MapAsync(offset, data.Length, cancellationToken).ConfigureAwait(false);
        data = data[..(int)run.Length];
        if (run.IsOwn)
        {
            await run.Store!.WriteAsync(run.Offset, data, cancellationToken).ConfigureAwait(false);
            return data.Length;
        }

        if (offset % map.BlockSize == 0 && data.Length >= 2 * map.BlockSize)
        {
            data = data[..(data.Length / map.BlockSize * map.BlockSize)];
            await FillWholeAsync(offset / map.BlockSize, data, cancellationToken)
                .ConfigureAwait(false);
            return data.Length;
        }

        int start = (int)(offset % map.BlockSize);
        data = data[..Math.Min(data.Length, map.BlockSize - start)];
        await FillPartAsync(offset / map.BlockSize, start, data, cancellationToken)
            .ConfigureAwait(false);
        return data.Length;
    }

    private async ValueTask FillWholeAsync(
        long first, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        int blockSize = map.BlockSize;
        var places = new List<Place>(data.Length / blockSize);
        try
        {
            await TakeAsync(first, data.Length / blockSize, places, cancellationToken)
                .ConfigureAwait(false);
            for (int from = 0; from < places.Count;)
            {
                int to = from + 1;
                while (to < places.Count && places[to].Store == places[from].Store
                    && places[to].Offset == places[to - 1].Offset + blockSize)
                {
                    to++;
                }

                await places[from].Store.WriteAsync(
                    places[from].Offset,
                    data[(from * blockSize)..(to * blockSize)],
                    cancellationToken).ConfigureAwait(false);
                from = to;
            }
        }
        catch
        {
            await GiveBackAsync(first, places).ConfigureAwait(false);
            throw;
        }

        await AdoptAsync(first, places, new BlockRange(0, blockSize)).ConfigureAwait(false);
    }

    private async ValueTask FillPartAsync(
        long block, int start, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        List<Place> places = [];
        BlockRange range;
        try
        {
            await TakeAsync(block, 1, places, cancellationToken).ConfigureAwait(false);
            range = await WritePartAsync(block, places[0], start, data, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await GiveBackAsync(block, places).ConfigureAwait(false);
            throw;
        }

        await AdoptAsync(block, places, range).ConfigureAwait(false);
    }

    // The data, and around it what its copy units held before.
    private async ValueTask<BlockRange> WritePartAsync(
        long block,
        Place place,
        int start,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellationToken)
    {
        long first = block * map.BlockSize;
        int unit = place.IsWhole ? map.BlockSize : map.CopyUnit;
        int from = start / unit * unit;
        int to = (int)Math.Min(
            FileTail.Align(start + data.Length, unit),
            Math.Min(map.BlockSize, disk.Length - first));
        var range = new BlockRange(from, to - from);
        bool isCovered = from == start && to == start + data.Length;
        if (isCovered || (place.IsZero
            && await IsBlankAsync(first + from, range.Length, cancellationToken)
                .ConfigureAwait(false)))
        {
            await place.Store.WriteAsync(place.Offset + start, data, cancellationToken)
                .ConfigureAwait(false);
            return range;
        }

        byte[] whole = ArrayPool<byte>.Shared.Rent(range.Length);
        try
        {
            Memory<byte> bytes = whole.AsMemory(0, range.Length);
            await disk.ReadAsync(first + from, bytes, cancellationToken).ConfigureAwait(false);
            data.CopyTo(bytes[(start - from)..]);
            await place.Store.WriteAsync(place.Offset + from, bytes, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }

        return range;
    }

    private async ValueTask<bool> IsBlankAsync(
        long offset, int length, CancellationToken cancellationToken)
    {
        for (long end = offset + length; offset < end;)
        {
            Extent extent = await disk.MapAsync(offset, end - offset, cancellationToken)
                .ConfigureAwait(false);
            if (extent.Kind != ExtentKind.Zero)
            {
                return false;
            }

            offset = extent.End;
        }

        return true;
    }

    private async ValueTask TakeAsync(
        long first, int count, List<Place> places, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            for (int i = 0; i < count; i++)
            {
                places.Add(await map.TakeAsync(first + i, cancellationToken)
                    .ConfigureAwait(false));
            }
        }
        finally
        {
            gate.Release();
        }
    }

    // Not to be given up half-way: the bytes are written, and their blocks are about to be known.
    private async ValueTask AdoptAsync(long first, List<Place> places, BlockRange range)
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            for (int i = 0; i < places.Count; i++)
            {
                await map.AdoptAsync(first + i, places[i], range, CancellationToken.None)
                    .ConfigureAwait(false);
            }

            if (map.UnitSize > 0)
            {
                units.Clear();
            }

            if (map.IsFull)
            {
                await map.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    private async ValueTask GiveBackAsync(long first, List<Place> places)
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            for (int i = places.Count - 1; i >= 0; i--)
            {
                if (places[i].IsNew)
                {
                    map.GiveBack(first + i, places[i]);
                }
            }
        }
        finally
        {
            gate.Release();
        }
    }
}
