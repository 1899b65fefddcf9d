using System.Buffers;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Writing;

// Bytes that are gained read as zeros, whatever lies behind the old end: the rest of its last
// cluster is zeroed, and entries past it, which a shrinking by others may have left, are emptied.
// All of that is durable before the header says the new size; so is a longer L1 table.

/// <summary>Changes the size of a disk. Called under the disk's gate.</summary>
internal sealed class Qcow2Resizer(
    Qcow2Files files, Qcow2Lookup lookup, Qcow2Space space, Qcow2Map map)
{
    private readonly Qcow2Geometry _geometry = files.Header.Geometry;

    /// <summary>Makes the disk so long.</summary>
    public async ValueTask RunAsync(
        long length, long parentLength, CancellationToken cancellationToken)
    {
        long old = files.Header.Size;
        Refuse(length, parentLength);
        await map.CommitAsync(cancellationToken).ConfigureAwait(false);
        if (length > old)
        {
            await ZeroRestAsync(old, cancellationToken).ConfigureAwait(false);
        }

        await EmptyAsync(Math.Min(old, length), Math.Max(old, length), cancellationToken)
            .ConfigureAwait(false);
        await map.CommitAsync(cancellationToken).ConfigureAwait(false);
        if (files.Data != files.File)
        {
            await files.Data.SetLengthAsync(length, cancellationToken).ConfigureAwait(false);
        }

        Qcow2Header longer = await LengthenL1Async(length, cancellationToken)
            .ConfigureAwait(false);
        files.Header = longer with { Size = length };
        await map.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Refuse(long length, long parentLength)
    {
        Qcow2Header header = files.Header;
        if (length % TablePage.SectorSize != 0)
        {
            throw new NotSupportedException(
                $"The size of a qcow2 is a multiple of {TablePage.SectorSize} bytes, which "
                + $"{length} is not.");
        }

        if (header.SnapshotCount > 0)
        {
            throw new NotSupportedException(
                $"The size of a qcow2 with {header.SnapshotCount} snapshots is not changed here.");
        }

        if (length > header.Size && parentLength > header.Size)
        {
            throw new NotSupportedException(
                $"The parent has {parentLength} bytes, more than the {header.Size} of the disk; "
                + "its bytes would be seen behind the old end.");
        }

        if (_geometry.L1Entries(length) > MaxL1Bytes / 8)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"A qcow2 with clusters of {_geometry.ClusterSize} bytes ends at "
                + $"{(MaxL1Bytes / 8L) << _geometry.L2ReachBits} bytes, and {length} are wanted.");
        }
    }

    private async ValueTask ZeroRestAsync(long offset, CancellationToken cancellationToken)
    {
        long end = _geometry.Clusters(offset) << _geometry.ClusterBits;
        while (offset < end)
        {
            Run run = await map.MapAsync(offset, end - offset, cancellationToken)
                .ConfigureAwait(false);
            if (run.IsOwn)
            {
                await run.Store!.ZeroAsync(run.Offset, run.Length, cancellationToken)
                    .ConfigureAwait(false);
            }
            else if (run.Kind is RunKind.Packed or RunKind.Data)
            {
                await RewriteAsync(run, offset, cancellationToken).ConfigureAwait(false);
            }

            offset += run.Length;
        }
    }

    // The cluster up to the old end, and zeros behind it, in a cluster of its own.
    private async ValueTask RewriteAsync(
        Run run, long offset, CancellationToken cancellationToken)
    {
        int size = _geometry.ClusterSize;
        int kept = (int)(offset & (size - 1));
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            Memory<byte> cluster = bytes.AsMemory(0, size);
            if (run.Kind == RunKind.Packed)
            {
                await map.UnpackAsync(run.Unit, run.Offset, cluster, cancellationToken)
                    .ConfigureAwait(false);
            }
            else
            {
                await run.Store!
                    .ReadAsync(run.Offset - kept, cluster[..kept], cancellationToken)
                    .ConfigureAwait(false);
            }

            cluster.Span[kept..].Clear();
            long block = offset >> _geometry.ClusterBits;
            Place place = await map.TakeAsync(block, cancellationToken).ConfigureAwait(false);
            await place.Store.WriteAsync(place.Offset, cluster, cancellationToken)
                .ConfigureAwait(false);
            await map.AdoptAsync(block, place, new BlockRange(0, size), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async ValueTask EmptyAsync(long from, long to, CancellationToken cancellationToken)
    {
        long offset = _geometry.Clusters(from) << _geometry.ClusterBits;
        long end = Math.Min(to, (long)files.Header.L1Size << _geometry.L2ReachBits);
        while (offset < end)
        {
            long at = files.Header.L1Offset + ((offset >> _geometry.L2ReachBits) * 8);
            TablePage page = await files.Tables.GetAsync(at, cancellationToken)
                .ConfigureAwait(false);
            if (lookup.L2Offset(page.ReadUInt64BigEndian((int)(at - page.Offset))) == 0)
            {
                offset = ((offset >> _geometry.L2ReachBits) + 1) << _geometry.L2ReachBits;
                continue;
            }

            await map.EmptyAsync(offset, asZeros: false, cancellationToken).ConfigureAwait(false);
            if (map.IsFull)
            {
                await map.CommitAsync(cancellationToken).ConfigureAwait(false);
            }

            offset += _geometry.ClusterSize;
        }
    }

    private async ValueTask<Qcow2Header> LengthenL1Async(
        long length, CancellationToken cancellationToken)
    {
        Qcow2Header old = files.Header;
        int entries = (int)_geometry.L1Entries(length);
        if (entries <= old.L1Size)
        {
            return old;
        }

        long clusters = _geometry.Clusters(entries * 8L);
        long offset = await space.TakeTailAsync(clusters, cancellationToken).ConfigureAwait(false);
        for (long i = 0; i < clusters; i++)
        {
            await space.CountAsync(offset + (i << _geometry.ClusterBits), cancellationToken)
                .ConfigureAwait(false);
        }

        await CopyL1Async(old, offset, cancellationToken).ConfigureAwait(false);
        for (long i = 0; i < _geometry.Clusters(old.L1Size * 8L); i++)
        {
            space.Release(old.L1Offset + (i << _geometry.ClusterBits));
        }

        // Counting may have moved the table of refcounts.
        return files.Header with { L1Offset = offset, L1Size = entries };
    }

    private async ValueTask CopyL1Async(
        Qcow2Header old, long target, CancellationToken cancellationToken)
    {
        for (int i = 0; i < old.L1Size; i++)
        {
            long source = old.L1Offset + (i * 8L);
            TablePage page = await files.Tables.GetAsync(source, cancellationToken)
                .ConfigureAwait(false);
            await files.Tables.WriteAsync(
                target + (i * 8L),
                page.Bytes.AsMemory((int)(source - page.Offset), 8),
                Qcow2Ranks.CountTable,
                cancellationToken).ConfigureAwait(false);
        }
    }
}
