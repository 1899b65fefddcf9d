using System.Runtime.CompilerServices;
using System.Threading.Channels;
using VMSeed.Blocks.Codecs;
using VMSeed.Blocks.Images;
using VMSeed.Blocks.Publishing.Deduplication;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Packing;

// The pipeline:
//
//     disk → reader ─→ batch ─┬─→ worker ┐
//              ↑              ├─→ worker ├ hash, look up, compress
//              │              └─→ …      ┘
//              │                   ↓  in the order of the disk
//              └── free batches ← writer ─→ packs, table, leaves
//
// A fixed number of batches goes round, so memory is bounded without any other count: a slow disk
// starves the workers, a slow writer starves the reader. The order of the packs, and thus every
// byte of the repository, does not depend on which worker is faster: a worker's look-up only saves
// work, the writer's decides.

/// <summary>Turns a disk into packs and an index.</summary>
internal sealed class DiskPacker(
    BlockDevice disk,
    ImageGeometry geometry,
    PublishOptions options,
    RepositoryFolder folder,
    BlockTable table)
{
    // One in each worker's hands, one waiting for each, and one each in reader and writer: with
    // fewer somebody waits; more only hide the pauses of a disk, which reads ahead already.
    private int BatchCount => (2 * options.Workers) + 2;

    /// <summary>Packs the disk. What has been stored when it fails is found by the next
    /// try.</summary>
    public async Task<PackTotals> PackAsync(
        ObjectWriter objects,
        IProgress<PublishProgress>? progress,
        CancellationToken cancellationToken)
    {
        var free = Channel.CreateUnbounded<BlockBatch>();
        var work = Channel.CreateUnbounded<BlockBatch>();
        var ordered = Channel.CreateUnbounded<BlockBatch>();
        for (int i = 0; i < BatchCount; i++)
        {
            free.Writer.TryWrite(new BlockBatch(geometry.BlockSize));
        }

        var watch = new ChangeWatch(disk, geometry);
        using var writer = new BatchWriter(
            geometry, folder, objects, table, watch, options.PackLength);
        var stages = new StageGroup(cancellationToken);
        await using ConfiguredAsyncDisposable ending = stages.ConfigureAwait(false);
        stages.Start(token => ReadAsync(free.Reader, work.Writer, ordered.Writer, token));
        for (int i = 0; i < options.Workers; i++)
        {
            stages.Start(token => CompressAsync(work.Reader, token));
        }

#pragma warning disable CA2025 // The stages end before the writer is disposed of.
        stages.Start(token => WriteAsync(ordered.Reader, free.Writer, writer, progress, token));
#pragma warning restore CA2025
        await stages.JoinAsync().ConfigureAwait(false);
        await watch.CheckAsync(cancellationToken).ConfigureAwait(false);
        return await writer.FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync(
        ChannelReader<BlockBatch> free,
        ChannelWriter<BlockBatch> work,
        ChannelWriter<BlockBatch> ordered,
        CancellationToken cancellationToken)
    {
        var reader = new DiskReader(disk, geometry, table);
        BlockBatch? batch = null;
        await foreach (BlockRun extent in reader.RunsAsync(cancellationToken).ConfigureAwait(false))
        {
            for (BlockRun run = extent; run.Count > 0;)
            {
                batch ??= await free.ReadAsync(cancellationToken).ConfigureAwait(false);
                run = run.Skip(
                    await reader.FillAsync(batch, run, cancellationToken).ConfigureAwait(false));
                if (batch.Count == batch.Capacity)
                {
                    Hand(batch);
                    batch = null;
                }
            }
        }

        if (batch is not null)
        {
            Hand(batch);
        }

        work.Complete();
        ordered.Complete();

        void Hand(BlockBatch full)
        {
            work.TryWrite(full);
            ordered.TryWrite(full);
        }
    }

    private async Task CompressAsync(
        ChannelReader<BlockBatch> work, CancellationToken cancellationToken)
    {
        using var encoder = new FrameEncoder(options.Codec, options.Level);
        var compressor = new BlockCompressor(encoder, table);
        await foreach (BlockBatch batch in work
            .ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            compressor.Run(batch);
            batch.Complete();
        }
    }

    private async Task WriteAsync(
        ChannelReader<BlockBatch> ordered,
        ChannelWriter<BlockBatch> free,
        BatchWriter writer,
        IProgress<PublishProgress>? progress,
        CancellationToken cancellationToken)
    {
        await foreach (BlockBatch batch in ordered
            .ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await batch.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            progress?.Report(writer.Progress(batch.Position, disk.Length));
            batch.Reset();
            free.TryWrite(batch);
        }
    }
}
