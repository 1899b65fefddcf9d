using System.Buffers.Binary;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Tables;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Space;

// How many pointers aim at each cluster of the file: blocks of refcounts, and a table of the
// blocks. A block counts itself. When the table is too short, a longer one is made elsewhere; it is
// on the disk before the header names it, and the old one is let go after that.

/// <summary>The refcounts. Called under the disk's gate.</summary>
internal sealed class Qcow2Counts
{
    private readonly Qcow2Files _files;
    private readonly Qcow2Geometry _geometry;
    private readonly FileTail _tail;
    private readonly CountCodec _codec;
    private readonly int _perBlockBits;
    private readonly byte[] _word = new byte[8];

    public Qcow2Counts(Qcow2Files files, FileTail tail)
    {
        (_files, _tail) = (files, tail);
        _geometry = files.Header.Geometry;
        _codec = new CountCodec(files.Header.CountOrder);
        _perBlockBits = _codec.PerBlockBits(_geometry.ClusterBits);
    }

    /// <summary>The largest refcount.</summary>
    public ulong Max => _codec.Max;

    /// <summary>Clusters of old tables that nothing points at once the header is written.</summary>
    public List<long> Outgrown { get; } = [];

    private long TableEntries =>
        (long)_files.Header.CountTableClusters << (_geometry.ClusterBits - 3);

    /// <summary>A cluster's refcount.</summary>
    public async ValueTask<ulong> GetAsync(long cluster, CancellationToken cancellationToken)
    {
        long block = await BlockAsync(cluster >> _perBlockBits, cancellationToken)
            .ConfigureAwait(false);
        if (block == 0)
        {
            return 0;
        }

        long index = cluster & ((1L << _perBlockBits) - 1);
        TablePage page = await _files.Tables
            .GetAsync(block + _codec.ByteOf(index), cancellationToken).ConfigureAwait(false);
        int at = (int)(block + _codec.ByteOf(index) - page.Offset);
        return _codec.Read(page.Bytes.AsSpan(at, _codec.Width), index);
    }

    /// <summary>Changes a cluster's refcount, making the block that it needs.</summary>
    public async ValueTask SetAsync(
        long cluster, ulong value, CancellationToken cancellationToken)
    {
        if (value > _codec.Max)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The cluster {cluster} of the qcow2 has {value} pointers; its refcounts end at "
                + $"{_codec.Max}.");
        }

        long number = cluster >> _perBlockBits;
        long block = await BlockAsync(number, cancellationToken).ConfigureAwait(false);
        if (block == 0)
        {
            block = await AddBlockAsync(number, cancellationToken).ConfigureAwait(false);
        }

        long index = cluster & ((1L << _perBlockBits) - 1);
        long offset = block + _codec.ByteOf(index);
        TablePage page = await _files.Tables.GetAsync(offset, cancellationToken)
            .ConfigureAwait(false);
        Memory<byte> bytes = _word.AsMemory(0, _codec.Width);
        page.Bytes.AsSpan((int)(offset - page.Offset), bytes.Length).CopyTo(bytes.Span);
        _codec.Write(bytes.Span, index, value);
        await _files.Tables.WriteAsync(offset, bytes, Qcow2Ranks.Counts, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Begins a table at the end of the file, in which nothing is counted yet but
    /// itself. The old one is left where it is.</summary>
    public async ValueTask StartAnewAsync(CancellationToken cancellationToken)
    {
        long blocks = (_geometry.Clusters(_files.File.Length) >> _perBlockBits) + 1;
        long clusters = Math.Min(
            _geometry.Clusters(blocks * 8) + 1, MaxCountTableBytes >> _geometry.ClusterBits);
        long offset = await _tail.TakeAsync(
            clusters << _geometry.ClusterBits, _geometry.ClusterSize, cancellationToken)
            .ConfigureAwait(false);
        _files.Header = _files.Header with
        {
            CountTableOffset = offset,
            CountTableClusters = (int)clusters,
        };
        for (long i = 0; i < clusters; i++)
        {
            await SetAsync((offset >> _geometry.ClusterBits) + i, 1, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Where a block lies; 0 where there is none.</summary>
    public async ValueTask<long> BlockAsync(long number, CancellationToken cancellationToken)
    {
        if (number >= TableEntries)
        {
            return 0;
        }

        long at = _files.Header.CountTableOffset + (number * 8);
        TablePage page = await _files.Tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        long offset = (long)(page.ReadUInt64BigEndian((int)(at - page.Offset)) & OffsetMask);
        return (offset & (_geometry.ClusterSize - 1)) == 0 && offset < _files.File.Length
            ? offset
            : throw DiskFormatException.Corrupt(
                $"The qcow2 has its refcount block {number} at {offset}, not at the beginning of a "
                + $"cluster of {_geometry.ClusterSize} bytes, or past the {_files.File.Length} "
                + "bytes of its file.");
    }

    private async ValueTask<long> AddBlockAsync(long number, CancellationToken cancellationToken)
    {
        if (number >= TableEntries)
        {
            await GrowTableAsync(number, cancellationToken).ConfigureAwait(false);
        }

        // Counting the new table, if there is one, may have made the block.
        long block = await BlockAsync(number, cancellationToken).ConfigureAwait(false);
        if (block != 0)
        {
            return block;
        }

        block = await _tail.TakeAsync(
            _geometry.ClusterSize, _geometry.ClusterSize, cancellationToken).ConfigureAwait(false);
        BinaryPrimitives.WriteInt64BigEndian(_word, block);
        await _files.Tables.WriteAsync(
            _files.Header.CountTableOffset + (number * 8),
            _word,
            Qcow2Ranks.CountTable,
            cancellationToken).ConfigureAwait(false);
        await SetAsync(block >> _geometry.ClusterBits, 1, cancellationToken).ConfigureAwait(false);
        return block;
    }

    // Half as much again, so that a table that grows often is moved rarely.
    private async ValueTask GrowTableAsync(long number, CancellationToken cancellationToken)
    {
        Qcow2Header old = _files.Header;
        long clusters = Math.Max(
            _geometry.Clusters((number + 1) * 8), old.CountTableClusters * 3L / 2) + 1;
        clusters = Math.Min(clusters, MaxCountTableBytes >> _geometry.ClusterBits);
        if (number >= clusters << (_geometry.ClusterBits - 3))
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The qcow2 cannot have more than {MaxCountTableBytes} bytes of refcount table, "
                + $"and needs its entry {number}.");
        }

        long offset = await _tail.TakeAsync(
            clusters << _geometry.ClusterBits, _geometry.ClusterSize, cancellationToken)
            .ConfigureAwait(false);
        await CopyTableAsync(old, offset, cancellationToken).ConfigureAwait(false);
        _files.Header = old with
        {
            CountTableOffset = offset,
            CountTableClusters = (int)clusters,
        };
        for (long i = 0; i < clusters; i++)
        {
            await SetAsync((offset >> _geometry.ClusterBits) + i, 1, cancellationToken)
                .ConfigureAwait(false);
        }

        for (int i = 0; i < old.CountTableClusters; i++)
        {
            Outgrown.Add(old.CountTableOffset + ((long)i << _geometry.ClusterBits));
        }
    }

    private async ValueTask CopyTableAsync(
        Qcow2Header old, long target, CancellationToken cancellationToken)
    {
        long end = (long)old.CountTableClusters << _geometry.ClusterBits;
        for (long at = 0; at < end; at += TablePage.SectorSize)
        {
            long source = old.CountTableOffset + at;
            TablePage page = await _files.Tables.GetAsync(source, cancellationToken)
                .ConfigureAwait(false);
            await _files.Tables.WriteAsync(
                target + at,
                page.Bytes.AsMemory((int)(source - page.Offset), TablePage.SectorSize),
                Qcow2Ranks.CountTable,
                cancellationToken).ConfigureAwait(false);
        }
    }
}
