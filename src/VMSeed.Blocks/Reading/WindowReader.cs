using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Reading.Flights;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Reading;

/// <summary>Reads what is not resident: leaves are loaded, flights joined or started, then
/// awaited.</summary>
internal sealed class WindowReader(
    ImageGeometry geometry,
    BlockIndex index,
    BlockLoader loader,
    ReadContext context,
    Prefetcher ahead)
{
    /// <summary>Fills a buffer.</summary>
    public async ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        // A large read is cut, so that its flights hold a bounded number of blocks.
        while (buffer.Length > 0)
        {
            int count = Math.Min(
                buffer.Length, ReadAhead.MaxWindow - geometry.PlaceInBlock(offset));
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
        var parts = new Part[last - first + 1];
        try
        {
            int missing = await LaunchAsync(first, parts, cancellation).ConfigureAwait(false);
            if (missing > 0)
            {
                context.Counters.CountMisses(missing);
                ahead.OnMiss(first, last);
            }

            foreach (Part part in parts)
            {
                int place = geometry.PlaceInBlock(offset);
                int count = Math.Min(buffer.Length, geometry.BlockSize - place);
                await CopyAsync(part, place, buffer[..count], cancellation).ConfigureAwait(false);
                offset += count;
                buffer = buffer[count..];
            }
        }
        finally
        {
            foreach (Part part in parts)
            {
                part.Flight?.Leave();
            }
        }
    }

    // Every missing block of the window is on its way before the first is waited for.
    private async ValueTask<int> LaunchAsync(
        long first, Part[] parts, CancellationToken cancellation)
    {
        // First: what is listed as a flight must be started, and must not wait for a leaf.
        IndexLeaf[] leaves = await index
            .GetLeavesAsync(
                first, first + parts.Length - 1, ReadPurpose.Foreground, cancellation)
            .ConfigureAwait(false);
        var started = new List<BlockFlight>();
        int missing = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            long block = first + i;
            IndexLeaf leaf = leaves[geometry.PageOf(block) - geometry.PageOf(first)];
            parts[i] = new Part(leaf, geometry.PlaceInPage(block), block, null);
            if (!parts[i].IsLocal)
            {
                parts[i] = parts[i] with { Flight = Join(parts[i], started) };
                missing++;
            }
        }

        Start(started);
        return missing;
    }

    private BlockFlight? Join(in Part part, List<BlockFlight> started) => loader.Join(
        part.Leaf,
        part.Place,
        geometry.BlockLength(part.Block),
        ReadPurpose.Foreground,
        started);

    private void Start(List<BlockFlight> started)
    {
        if (started.Count > 0)
        {
            _ = loader.StartAsync(started, ReadPurpose.Foreground);
        }
    }

    private async ValueTask CopyAsync(
        Part part, int offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (part.Leaf.IsZeroBlock(part.Place))
        {
            buffer.Span.Clear();
            return;
        }

        if (part.Flight is { } launched)
        {
            if (await TryTakeAsync(part, launched, offset, buffer, cancellation)
                .ConfigureAwait(false))
            {
                return;
            }
        }
        else if (part.Leaf.Resident(part.Place) is { } resident
            && await context.ReadResidentAsync(resident, offset, buffer, cancellation)
                .ConfigureAwait(false))
        {
            return;
        }

        // Evicted since we looked, or a failed guess that we had joined.
        await ReadAgainAsync(part, offset, buffer, cancellation).ConfigureAwait(false);
    }

    private async ValueTask ReadAgainAsync(
        Part part, int offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        bool done = false;
        while (!done)
        {
            part.Leaf.SetResident(part.Place, null);
            var started = new List<BlockFlight>();
            BlockFlight? flight = Join(part, started);
            Start(started);
            try
            {
                done = flight is null
                    ? part.Leaf.Resident(part.Place) is { } resident
                        && await context.ReadResidentAsync(resident, offset, buffer, cancellation)
                            .ConfigureAwait(false)
                    : await TryTakeAsync(part, flight, offset, buffer, cancellation)
                        .ConfigureAwait(false);
            }
            finally
            {
                flight?.Leave();
            }
        }
    }

    // False: the flight began as a prefetch and failed, which says nothing about this read.
    private static async ValueTask<bool> TryTakeAsync(
        Part part,
        BlockFlight flight,
        int offset,
        Memory<byte> buffer,
        CancellationToken cancellation)
    {
        try
        {
            await flight.Landing.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (BlockIOException) when (flight.Purpose == ReadPurpose.Prefetch)
        {
            return false;
        }

        flight.Bytes.Span.Slice(offset, buffer.Length).CopyTo(buffer.Span);

        // Equal blocks fly once; each of their indexes learns where the bytes are.
        part.Leaf.SetResident(part.Place, flight.Resident);
        return true;
    }

    /// <summary>A block that a window touches.</summary>
    /// <param name="Leaf">The leaf that names it.</param>
    /// <param name="Place">Which of the leaf's entries it is.</param>
    /// <param name="Block">Its index on the disk.</param>
    /// <param name="Flight">The flight that brings it, where it is not local.</param>
    private readonly record struct Part(
        IndexLeaf Leaf, int Place, long Block, BlockFlight? Flight)
    {
        public bool IsLocal =>
            Leaf.IsZeroBlock(Place) || Leaf.Resident(Place) is { IsLocal: true };
    }
}
