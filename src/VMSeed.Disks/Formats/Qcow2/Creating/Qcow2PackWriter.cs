using System.Buffers.Binary;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Qcow2.Header;
using VMSeed.Disks.Formats.Qcow2.Packing;
using VMSeed.Disks.Formats.Qcow2.Space;
using VMSeed.Disks.Formats.Qcow2.Tables;
using static VMSeed.Disks.Formats.Qcow2.Qcow2Constants;

namespace VMSeed.Disks.Formats.Qcow2.Creating;

// header · L1 table · clusters and, where one is full, its L2 table · refcount table · refcounts
//
// The disk comes in ascending order, so that one L2 table is in memory at a time. All is appended
// but the L1 table and the header, which goes last: without it the file is no image.

/// <summary>Writes an image with compressed clusters, from the disk's first byte to its
/// last.</summary>
internal sealed class Qcow2PackWriter : ForwardWriter
{
    private readonly Stream _target;
    private readonly long _begin;
    private readonly Qcow2Header _header;
    private readonly Qcow2Geometry _geometry;
    private readonly ClusterPacker _packer;
    private readonly PackLine<PackedCluster> _line;
    private readonly PackedSpace _space;
    private readonly byte[] _l1;
    private readonly byte[] _l2;
    private long _table = -1;

    private Qcow2PackWriter(Stream target, Qcow2Header header)
        : base(header.Size, header.Geometry.ClusterSize)
    {
        (_target, _header, _geometry) = (target, header, header.Geometry);
        _begin = target.Position;
        _packer = new ClusterPacker(_geometry, header.Compression);
        _line = new PackLine<PackedCluster>(
            (_, unit) => _packer.Pack(unit.Span), EmitAsync, 2 * Environment.ProcessorCount);
        _l1 = new byte[header.L1Size * 8];
        _l2 = new byte[_geometry.ClusterSize];
        _space = new PackedSpace(_geometry, 1 + _geometry.Clusters(_l1.Length));
    }

    /// <summary>Begins an image at a stream's position; the stream ends where the image
    /// does.</summary>
    public static Qcow2PackWriter Begin(Stream target, VirtualDiskCreateOptions options)
    {
        Qcow2Shape shape = Qcow2Shape.Parse(options);
        if (!target.CanSeek || shape.HasDataFile || options.Parent is not null)
        {
            throw DiskFormatException.Unsupported(
                "A qcow2 with compressed clusters stands alone, without a data file or a parent, "
                + "and goes into a stream that can seek: its header is written last.");
        }

        Qcow2Header header = Qcow2Creator.Plan(shape, options, null);
        return new(target, header with { L1Offset = shape.Geometry.ClusterSize });
    }

    public override async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync().ConfigureAwait(false);
        _packer.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask AppendAsync(
        long offset, ReadOnlyMemory<byte> unit, CancellationToken cancellationToken) =>
        _line.AddAsync(offset, unit, cancellationToken);

    protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await _line.DrainAsync(cancellationToken).ConfigureAwait(false);
        await EndTableAsync(cancellationToken).ConfigureAwait(false);
        if (_l1.Length > 0)
        {
            await WriteAtAsync(_header.L1Offset, _l1, cancellationToken).ConfigureAwait(false);
        }

        Qcow2Header header = await WriteCountsAsync(cancellationToken).ConfigureAwait(false);
        _target.SetLength(_begin + (_space.Clusters << _geometry.ClusterBits));
        await _target.FlushAsync(cancellationToken).ConfigureAwait(false);
        await WriteAtAsync(0, Qcow2HeaderBytes.Make(header), cancellationToken)
            .ConfigureAwait(false);
        await _target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask EmitAsync(
        long offset, PackedCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.Buffer is null)
        {
            return;
        }

        try
        {
            if (offset >> _geometry.L2ReachBits != _table)
            {
                await EndTableAsync(cancellationToken).ConfigureAwait(false);
                _table = offset >> _geometry.L2ReachBits;
            }

            long place = cluster.IsPacked
                ? _space.TakeBytes(cluster.Length) : _space.TakeClusters(1);
            ulong word = cluster.IsPacked
                ? PackedPlace.ToDescriptor(place, cluster.Length, _geometry) | CompressedFlag
                : (ulong)place | CopiedFlag;
            Enter(offset, word, cluster.IsPacked);
            await WriteAtAsync(place, cluster.Bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            cluster.Release();
        }
    }

    private void Enter(long offset, ulong word, bool isPacked)
    {
        int index = (int)((offset >> _geometry.ClusterBits) & ((1L << _geometry.L2Bits) - 1));
        Span<byte> entry = _l2.AsSpan(index * _geometry.EntrySize);
        BinaryPrimitives.WriteUInt64BigEndian(entry, word);
        if (_geometry.IsExtended && !isPacked)
        {
            BinaryPrimitives.WriteUInt64BigEndian(entry[8..], ~L2Entry.AllZero);
        }
    }

    private async ValueTask EndTableAsync(CancellationToken cancellationToken)
    {
        if (_table < 0)
        {
            return;
        }

        long place = _space.TakeClusters(1);
        await WriteAtAsync(place, _l2, cancellationToken).ConfigureAwait(false);
        BinaryPrimitives.WriteUInt64BigEndian(
            _l1.AsSpan((int)_table * 8), (ulong)place | CopiedFlag);
        Array.Clear(_l2);
        _table = -1;
    }

    private async ValueTask<Qcow2Header> WriteCountsAsync(CancellationToken cancellationToken)
    {
        var codec = new CountCodec(_header.CountOrder);
        (long tables, long blocks) = Qcow2Creator.CountClusters(_geometry, _space.Clusters - 1);
        long table = _space.TakeClusters(tables);
        long first = _space.TakeClusters(blocks);
        byte[] places = new byte[blocks * 8];
        byte[] block = new byte[_geometry.ClusterSize];
        int perBlockBits = codec.PerBlockBits(_geometry.ClusterBits);
        for (long number = 0; number < blocks; number++)
        {
            long begin = number << perBlockBits;
            long end = Math.Min(begin + (1L << perBlockBits), _space.Clusters);
            Array.Clear(block);
            for (long cluster = begin; cluster < end; cluster++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(
                    block.AsSpan((int)(cluster - begin) * 2), _space.CountOf(cluster));
            }

            long place = first + (number << _geometry.ClusterBits);
            BinaryPrimitives.WriteInt64BigEndian(places.AsSpan((int)number * 8), place);
            await WriteAtAsync(place, block, cancellationToken).ConfigureAwait(false);
        }

        await WriteAtAsync(table, places, cancellationToken).ConfigureAwait(false);
        return _header with { CountTableOffset = table, CountTableClusters = (int)tables };
    }

    private ValueTask WriteAtAsync(
        long offset, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_target.Position != _begin + offset)
        {
            _target.Position = _begin + offset;
        }

        return _target.WriteAsync(bytes, cancellationToken);
    }
}
