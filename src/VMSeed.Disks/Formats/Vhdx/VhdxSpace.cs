using VMSeed.Blocks;
using VMSeed.Disks.Formats.Vhdx.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx;

/// <summary>Places for blocks: those that were let go, gaps that another writer has left, and the
/// file's end.</summary>
/// <remarks>Called under the disk's gate.</remarks>
internal sealed class VhdxSpace
{
    private readonly BlockDevice _file;
    private readonly FileTail _tail;
    private readonly int _blockSize;
    private readonly SpaceRecycler _recycler = new();

    /// <summary>Begins beside what is in use.</summary>
    /// <param name="file">The file.</param>
    /// <param name="used">What is in use.</param>
    /// <param name="blockSize">What is taken at a time.</param>
    public VhdxSpace(BlockDevice file, UsedSpace used, int blockSize)
    {
        _file = file;
        _tail = new FileTail(file, used.End);
        _blockSize = blockSize;
        foreach (long gap in used.Gaps(blockSize).Take(GreatestGaps).Reverse())
        {
            _recycler.GiveBack(gap);
        }
    }

    /// <summary>Gaps that are remembered: 65,536, half a MiB of memory. What is beyond is found the
    /// next time.</summary>
    private const int GreatestGaps = 65536;

    /// <summary>The first byte after everything that is in use; it only grows.</summary>
    public long End => _tail.End;

    public TransferEpochs Epochs => _recycler.Epochs;

    /// <summary>Takes a place for a block.</summary>
    public async ValueTask<Place> TakeAsync(int length, CancellationToken cancellationToken)
    {
        if (_recycler.TryTake(out long offset))
        {
            return new Place(_file, offset, IsNew: true, IsZero: false);
        }

        offset = await TakeFreshAsync(length, cancellationToken).ConfigureAwait(false);
        return new Place(_file, offset, IsNew: true, IsZero: true);
    }

    /// <summary>Takes a place that reads as zeros.</summary>
    public ValueTask<long> TakeFreshAsync(long length, CancellationToken cancellationToken) =>
        _tail.TakeAsync(length, MiB, cancellationToken);

    /// <inheritdoc cref="SpaceRecycler.GiveBack"/>
    public void GiveBack(long offset) => _recycler.GiveBack(offset);

    /// <inheritdoc cref="SpaceRecycler.Release"/>
    public void Release(long offset) => _recycler.Release(offset);

    /// <inheritdoc cref="SpaceRecycler.Committed"/>
    public void Committed() => _recycler.Committed();

    /// <summary>Makes the file end where what is in use ends.</summary>
    public ValueTask TrimFileAsync() => _tail.TrimAsync(CancellationToken.None);

    /// <summary>Cuts the file off behind its last block, for good: nothing is taken after
    /// that.</summary>
    public ValueTask CloseFileAsync()
    {
        long end = _tail.End;
        HashSet<long> unused = [.. _recycler.Unused];
        while (unused.Contains(end - _blockSize))
        {
            end -= _blockSize;
        }

        return _file.Length == end ? default : _file.SetLengthAsync(end);
    }
}
