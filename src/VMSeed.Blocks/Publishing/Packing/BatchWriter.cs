using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Publishing.Deduplication;
using VMSeed.Blocks.Publishing.Indexing;
using VMSeed.Blocks.Publishing.Repositories;

namespace VMSeed.Blocks.Publishing.Packing;

/// <summary>The end of the pipeline: one place, in the disk's order, that decides what is
/// stored.</summary>
internal sealed class BatchWriter : IDisposable
{
    private readonly BlockTable _table;
    private readonly PackWriter _packs;
    private readonly IndexBuilder _index;
    private readonly UsedFrames _used;
    private readonly ChangeWatch _watch;
    private long _dataBlocks;
    private long _newBlocks;
    private long _newStoredBytes;

    public BatchWriter(
        ImageGeometry geometry,
        RepositoryFolder folder,
        ObjectWriter objects,
        BlockTable table,
        ChangeWatch watch,
        int packLength)
    {
        _watch = watch;
        _table = table;
        _packs = new PackWriter(folder, objects, table, packLength);
        _index = new IndexBuilder(geometry, table, objects);
        _used = new UsedFrames(table);
    }

    /// <summary>Stores what is new in a batch, and enters all of it in the index.</summary>
    public async ValueTask WriteAsync(BlockBatch batch, CancellationToken cancellationToken)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch.Blocks[i].IsZero)
            {
                continue;
            }

            Enter(batch, i);
            if (_packs.IsFull)
            {
                await _packs.CloseAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        await _index.SealAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the last pack and the index.</summary>
    public async ValueTask<PackTotals> FinishAsync(CancellationToken cancellationToken)
    {
        await _packs.CloseAsync(cancellationToken).ConfigureAwait(false);
        IndexRoot root = await _index.FinishAsync(cancellationToken).ConfigureAwait(false);
        return new PackTotals(
            root, _used.Packs, _dataBlocks, _newBlocks, _used.StoredBytes, _newStoredBytes);
    }

    /// <summary>How far it has come.</summary>
    public PublishProgress Progress(long position, long length) =>
        new(position, length, _dataBlocks, _newBlocks, _newStoredBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        _packs.Dispose();
        _index.Dispose();
    }

    private void Enter(BlockBatch batch, int index)
    {
        ref PackableBlock block = ref batch.Blocks[index];
        if (!_table.TryFind(block.Digest, out BlockPlace place))
        {
            _packs.Append(block, batch.Stored(index).Span[..block.StoredLength]);
            _table.TryFind(block.Digest, out place);
            _newBlocks++;
            _newStoredBytes += block.StoredLength;
        }

        _dataBlocks++;
        if (!block.IsKnown)
        {
            _watch.Sample(block.Index, block.Digest);
        }

        _used.Add(place.Frame);
        _index.Add(block.Index, block.Digest, place);
    }
}
