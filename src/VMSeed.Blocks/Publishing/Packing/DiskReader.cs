using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Publishing.Deduplication;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Reads the blocks of a disk that may hold data, in order, and never its holes.</summary>
/// <remarks>Nor what the disk has a digest of in its books while the repository has the block: of
/// an overlay over a version of the image only what was changed is read.</remarks>
internal sealed class DiskReader(BlockDevice disk, ImageGeometry geometry, BlockTable table)
{
    // The unit in which a failed read is tried again, to name the first bad byte: no sector is
    // larger.
    private const int SectorSize = 4096;

    /// <summary>Fills a batch from a run of blocks.</summary>
    /// <returns>How many blocks of the run found room.</returns>
    public async ValueTask<int> FillAsync(
        BlockBatch batch, BlockRun run, CancellationToken cancellationToken)
    {
        int first = batch.Count;
        int count = (int)Math.Min(run.Count, batch.Capacity - first);
        int unread = first;
        for (int i = 0; i < count; i++)
        {
            PackableBlock block = await FindAsync(run.First + i, cancellationToken)
                .ConfigureAwait(false);
            batch.Blocks[batch.Count++] = block;
            if (block.IsKnown)
            {
                await ReadAsync(batch, unread, first + i, cancellationToken)
                    .ConfigureAwait(false);
                unread = first + i + 1;
            }
        }

        await ReadAsync(batch, unread, first + count, cancellationToken).ConfigureAwait(false);
        PackableBlock last = batch.Blocks[first + count - 1];
        batch.Position = geometry.OffsetOf(last.Index) + last.Length;
        return count;
    }

    /// <summary>The runs of blocks that are not holes altogether.</summary>
    public async IAsyncEnumerable<BlockRun> RunsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long next = 0;
        await foreach (Extent extent in disk
            .ExtentsAsync(0, disk.Length, cancellationToken).ConfigureAwait(false))
        {
            long first = Math.Max(next, geometry.BlockAt(extent.Offset));
            long end = geometry.BlockAt(extent.End - 1) + 1;
            if (extent.Kind != ExtentKind.Zero && end > first)
            {
                yield return new BlockRun(first, end - first);
                next = end;
            }
        }
    }

    private async ValueTask<PackableBlock> FindAsync(
        long index, CancellationToken cancellationToken)
    {
        int length = geometry.BlockLength(index);
        Digest? digest = await disk
            .FindDigestAsync(geometry.OffsetOf(index), length, cancellationToken)
            .ConfigureAwait(false);
        bool isKnown = digest is { } known && table.TryFind(known, out _);
        return new PackableBlock
        {
            Index = index,
            Length = length,
            IsKnown = isKnown,
            Digest = isKnown ? digest!.Value : default,
        };
    }

    // Blocks of a batch that follow each other on the disk.
    private ValueTask ReadAsync(
        BlockBatch batch, int first, int end, CancellationToken cancellationToken)
    {
        if (first == end)
        {
            return default;
        }

        PackableBlock last = batch.Blocks[end - 1];
        long offset = geometry.OffsetOf(batch.Blocks[first].Index);
        long length = geometry.OffsetOf(last.Index) + last.Length - offset;
        return ReadAsync(offset, batch.Plain(first, (int)length), cancellationToken);
    }

    private async ValueTask ReadAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await disk.ReadAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException fault)
        {
            long bad = await FindFaultAsync(offset, buffer, cancellationToken)
                .ConfigureAwait(false);
            throw new IOException(
                $"{disk} cannot be read at byte {bad} of {disk.Length}: {fault.Message} "
                + "Nothing is published; what is stored already will not be compressed again.",
                fault);
        }
    }

    private async ValueTask<long> FindFaultAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        for (int done = 0; done < buffer.Length; done += SectorSize)
        {
            Memory<byte> sector = buffer[done..Math.Min(buffer.Length, done + SectorSize)];
            try
            {
                await disk.ReadAsync(offset + done, sector, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (IOException)
            {
                return offset + done;
            }
        }

        return offset;
    }
}
