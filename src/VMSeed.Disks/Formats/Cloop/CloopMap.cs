using VMSeed.Blocks;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Cloop;

/// <summary>The map of a cloop image: every block is packed, or zeros.</summary>
/// <param name="file">The image's file.</param>
/// <param name="header">Its header.</param>
/// <param name="index">Its index.</param>
/// <param name="leaveOpen">Whether the file outlives the map.</param>
internal sealed class CloopMap(
    BlockDevice file, CloopHeader header, CloopIndex index, bool leaveOpen) : DiskMap
{
    public override long Length => header.Length;

    public override int UnitSize => header.BlockSize;

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        if (!index.TryGet(offset / UnitSize, out CloopBlock block, out miss))
        {
            run = default;
            return false;
        }

        run = ToRun(block, offset, length);
        return true;
    }

    public override async ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken)
    {
        CloopBlock block = await index.GetAsync(unit / UnitSize, cancellationToken)
            .ConfigureAwait(false);
        await CloopUnpacker.UnpackAsync(file, block, target, cancellationToken)
            .ConfigureAwait(false);
    }

    public override ValueTask DisposeAsync() => leaveOpen ? default : file.DisposeAsync();

    // Blocks that share an offset are equal, so that the offset names what they unpack to.
    private Run ToRun(CloopBlock block, long offset, long length)
    {
        long unit = offset / UnitSize * UnitSize;
        long reach = unit + UnitSize - offset;
        return block.IsZero
            ? Run.Zero(Math.Min(length, WalkZeros(offset / UnitSize, reach, length)))
            : Run.Packed(unit, block.Offset, Math.Min(length, reach));
    }

    // As far as the index page of the first block tells.
    private long WalkZeros(long block, long reach, long length)
    {
        for (int beside = index.Beside(block); beside > 0 && reach < length; beside--)
        {
            if (!index.TryGet(++block, out CloopBlock next, out _) || !next.IsZero)
            {
                break;
            }

            reach += UnitSize;
        }

        return reach;
    }
}
