using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Creation;

// The layout that needs no step back: header, descriptor; grains in ascending order, those of one
// table followed by that table; directory, footer, end. Header and footer are the same but for the
// directory's place, which only the footer knows. Version 3, for ESXi takes no other; a descriptor
// that begins as VMware's, for some readers look at its first line. Grains of zeros are left out,
// and so are tables that have none.

/// <summary>Writes a streamOptimized VMDK to a pipe.</summary>
internal sealed class VmdkStreamWriter : ForwardWriter
{
    /// <summary>64 KiB: the only grain that ESXi and OVF tools take.</summary>
    private const int Grain = 64 << 10;

    private const int EntriesPerTable = 512;

    // Two cores' worth and as much again, so that a unit that packs slowly keeps no core waiting.
    private static readonly int s_width = 2 * Math.Max(2, Environment.ProcessorCount);

#pragma warning disable CA2213 // It stays the caller's.
    private readonly Stream _target;
#pragma warning restore CA2213
    private readonly SparseHeader _header;
    private readonly byte[] _descriptor;
    private readonly PackLine<ArraySegment<byte>> _line;
    private readonly uint[] _directory;
    private readonly byte[] _table = new byte[EntriesPerTable * sizeof(uint)];
    private long _tableNumber = -1;
    private long _sector;

    /// <summary>A writer of an image of its own.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="options">What kind of image.</param>
    /// <exception cref="DiskFormatException">There is no such image.</exception>
    public VmdkStreamWriter(Stream target, VirtualDiskCreateOptions options)
        : base(options.Length, Grain)
    {
        if (options.Parent is not null || (options.BlockSize ?? Grain) != Grain)
        {
            throw DiskFormatException.Unsupported(
                $"A streamOptimized VMDK has no parent, and grains of {Grain} bytes.");
        }

        _target = target;
        long sectors = FileTail.Align(options.Length, SectorSize) / SectorSize;
        _header = new SparseHeader
        {
            Version = SparseHeader.CompressedVersion,
            Capacity = sectors,
            GrainSectors = Grain / SectorSize,
            EntriesPerTable = EntriesPerTable,
            DescriptorOffset = 1,
            DescriptorSectors = SparseLayout.DescriptorSectors,
            Directory = SparseHeader.DirectoryInFooter,
            Overhead = Grain / SectorSize,
            IsCompressed = true,
            HasMarkers = true,
        };
        _descriptor = Describe(sectors, options.NewGuid());
        _directory = new uint[_header.TableCount];
        _line = new PackLine<ArraySegment<byte>>(Pack, EmitAsync, s_width);
    }

    public override async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override ValueTask AppendAsync(
        long offset, ReadOnlyMemory<byte> unit, CancellationToken cancellationToken) =>
        unit.Span.ContainsAnyExcept((byte)0)
            ? _line.AddAsync(offset, unit, cancellationToken)
            : default;

    protected override async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await _line.DrainAsync(cancellationToken).ConfigureAwait(false);
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        await EndTableAsync(cancellationToken).ConfigureAwait(false);
        long size = FileTail.Align(_directory.Length * sizeof(uint), SectorSize);
        byte[] directory = new byte[size];
        for (int table = 0; table < _directory.Length; table++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                directory.AsSpan(table * sizeof(uint)), _directory[table]);
        }

        await PutAsync(
            StreamMarker.Of(StreamMarker.Directory, size / SectorSize), cancellationToken)
            .ConfigureAwait(false);
        SparseHeader footer = _header with { Directory = _sector };
        await PutAsync(directory, cancellationToken).ConfigureAwait(false);
        await PutAsync(StreamMarker.Of(StreamMarker.Footer, 1), cancellationToken)
            .ConfigureAwait(false);
        await PutAsync(footer.ToBytes(), cancellationToken).ConfigureAwait(false);
        await PutAsync(StreamMarker.Of(StreamMarker.EndOfStream, 0), cancellationToken)
            .ConfigureAwait(false);
        await _target.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Describe(long sectors, Guid id)
    {
        var text = new DescriptorText
        {
            CreateType = "streamOptimized",
            ExtentLines = [DescriptorText.Line(sectors, "SPARSE", "disk.vmdk")],
            Sectors = sectors,
            Id = id,
        };
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // With its marker, and up to a whole sector. The disk's last grain is packed whole.
    private static ArraySegment<byte> Pack(long offset, ReadOnlyMemory<byte> unit)
    {
        using var packed = new MemoryStream(Grain + SectorSize);
        packed.SetLength(StreamMarker.GrainLength);
        packed.Position = StreamMarker.GrainLength;
        using (var deflater = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflater.Write(unit.Span);
            if (unit.Length < Grain)
            {
                deflater.Write(new byte[Grain - unit.Length]);
            }
        }

        int length = (int)packed.Length - StreamMarker.GrainLength;
        packed.SetLength(FileTail.Align(packed.Length, SectorSize));
        byte[] bytes = packed.GetBuffer();
        StreamMarker.PutGrain(bytes, offset / SectorSize, length);
        return new(bytes, 0, (int)packed.Length);
    }

    private async ValueTask EmitAsync(
        long offset, ArraySegment<byte> packed, CancellationToken cancellationToken)
    {
        await BeginAsync(cancellationToken).ConfigureAwait(false);
        (long table, long index) = Math.DivRem(offset / Grain, EntriesPerTable);
        if (table != _tableNumber)
        {
            await EndTableAsync(cancellationToken).ConfigureAwait(false);
            _tableNumber = table;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            _table.AsSpan((int)index * sizeof(uint)), (uint)_sector);
        await PutAsync(packed, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        if (_sector == 0)
        {
            byte[] front = new byte[_header.Overhead * SectorSize];
            _header.ToBytes().CopyTo(front, 0);
            _descriptor.CopyTo(front, SectorSize);
            await PutAsync(front, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask EndTableAsync(CancellationToken cancellationToken)
    {
        if (_tableNumber < 0)
        {
            return;
        }

        await PutAsync(
            StreamMarker.Of(StreamMarker.Table, _table.Length / SectorSize), cancellationToken)
            .ConfigureAwait(false);
        _directory[_tableNumber] = (uint)_sector;
        await PutAsync(_table, cancellationToken).ConfigureAwait(false);
        Array.Clear(_table);
    }

    private async ValueTask PutAsync(
        ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_sector + (bytes.Length / SectorSize) > uint.MaxValue)
        {
            throw new DiskFormatException(
                DiskFault.Full,
                $"The VMDK has {_sector} sectors; its entries end at {uint.MaxValue}.");
        }

        await _target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        _sector += bytes.Length / SectorSize;
    }
}
