using System.Runtime.CompilerServices;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>Reads the blocks of a disk that may hold data, in order, and never its holes.</summary>
internal sealed class DiskReader(BlockDevice disk, ImageGeometry geometry)
{
    // The unit in which a failed read is tried again, to name the first bad byte: no sector is
    // larger.
    private const int SectorSize = 4096;

    /// <summary>Fills a batch from a run of blocks.</summary>
    /// <returns>How many blocks of the run found room.</returns>
    public async ValueTask<int> FillAsync(
        BlockBatch batch, BlockRun run, CancellationToken cancellationToken)
    {
        int count = (int)Math.Min(run.Count, batch.Capacity - batch.Count);
        long offset = geometry.OffsetOf(run.First);
        long end = geometry.OffsetOf(run.First + count - 1)
            + geometry.BlockLength(run.First + count - 1);
        Memory<byte> plain = batch.Plain(batch.Count, (int)(end - offset));
        await ReadAsync(offset, plain, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < count; i++)
        {
            batch.Blocks[batch.Count++] = new PackableBlock
            {
                Index = run.First + i,
                Length = geometry.BlockLength(run.First + i),
            };
        }

        batch.Position = end;
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
