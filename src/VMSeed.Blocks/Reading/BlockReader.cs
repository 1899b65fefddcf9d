using VMSeed.Blocks.Images;
using VMSeed.Blocks.Reading.Indexing;
using VMSeed.Blocks.Reading.Resident;

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
    BlockIndex index,
    WindowReader windows,
    ReadContext context,
    Prefetcher ahead)
{

    /// <summary>Fills a buffer.</summary>
    public ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellation);
        }

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
                return windows.ReadAsync(offset, buffer, cancellation);
            }

            offset += count;
            buffer = buffer[count..];
        }

        return default;
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

        // What is resident is not zero: the leaf's table is not looked at on the hot path.
        int place = geometry.PlaceInPage(block);
        ResidentBlock? resident = leaf.Resident(place);
        if (resident is null)
        {
            bool isZero = leaf.IsZeroBlock(place);
            if (isZero)
            {
                buffer.Span.Clear();
            }

            return new(isZero);
        }

        if (resident.Mark)
        {
            resident.Mark = false;
            ahead.OnMark(block);
        }

        return context.ReadResidentAsync(
            resident, geometry.PlaceInBlock(offset), buffer, cancellation);
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
            await windows.ReadAsync(offset, buffer[..count], cancellation).ConfigureAwait(false);
            offset += count;
            buffer = buffer[count..];
        }

        await ReadAsync(offset, buffer, cancellation).ConfigureAwait(false);
    }
}
