using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A space-efficient sparse part (<c>SESPARSE</c>); read only.</summary>
internal sealed class SeSparseExtent : TableExtent
{
    private const int StateShift = 60;
    private const ulong TableMark = 0x10000000;

    private readonly long _grains;

    private SeSparseExtent(
        long start,
        long length,
        BlockDevice file,
        TablePages tables,
        long[] directory,
        SeSparseHeader header)
        : base(
            start,
            length,
            file,
            tables,
            directory,
            new GrainShape(header.GrainSize, header.EntriesPerTable, sizeof(ulong))) =>
        _grains = header.Grains * SectorSize;

    /// <summary>Opens an extent.</summary>
    /// <exception cref="DiskFormatException">It cannot be used, and why.</exception>
    public static async ValueTask<SeSparseExtent> OpenAsync(
        long start,
        long length,
        BlockDevice file,
        long cacheSize,
        CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[Math.Min(SeSparseHeader.Length, file.Length)];
        await file.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        var header = SeSparseHeader.Parse(bytes);
        SparseExtent.CheckCapacity(header.Capacity, length);
        await CheckVolatileAsync(file, header, cancellationToken).ConfigureAwait(false);
        long[] directory = await ReadDirectoryAsync(file, header, cancellationToken)
            .ConfigureAwait(false);
        return new SeSparseExtent(
            start, length, file, new TablePages(file, cacheSize), directory, header);
    }

    protected override Run Walk(ReadOnlySpan<byte> entries, long offset, long length)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(entries);
        if (first == 0)
        {
            return Run.Parent(ReachOfZeros(entries, offset, length));
        }

        ulong state = first >> StateShift;
        int within = Shape.Within(offset);
        long reach = Math.Min(length, Shape.GrainSize - within);
        if (state is 1 or 2)
        {
            return Run.Zero(reach);
        }

        long place = state == 3 ? Place(first) : File.Length;
        for (int at = sizeof(ulong); reach < length && at < entries.Length; at += sizeof(ulong))
        {
            ulong next = BinaryPrimitives.ReadUInt64LittleEndian(entries[at..]);
            if (next >> StateShift != 3 || Place(next) != place + within + reach)
            {
                break;
            }

            reach = Math.Min(length, reach + Shape.GrainSize);
        }

        long there = Math.Min(reach, File.Length - place - within);
        return place < _grains || there <= 0 ? default : Run.Data(File, place + within, there);
    }

    // Twelve bits and forty-eight, the low ones first; 2^60 grains of 2 MiB would overflow.
    private long Place(ulong entry)
    {
        ulong index = ((entry >> 48) & 0xFFF) | ((entry & 0xFFFF_FFFF_FFFF) << 12);
        return index < 1UL << 40 ? _grains + ((long)index * Shape.GrainSize) : File.Length;
    }

    private static async ValueTask CheckVolatileAsync(
        BlockDevice file, SeSparseHeader header, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[32];
        if (header.VolatileHeader >= file.Length / SectorSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's volatile header at sector {header.VolatileHeader} lies outside of its "
                + "file.");
        }

        await file.ReadAsync(header.VolatileHeader * SectorSize, bytes, cancellationToken)
            .ConfigureAwait(false);
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes) != SeSparseHeader.VolatileMagic)
        {
            throw DiskFormatException.Corrupt(
                "The volatile header of the VMDK's SESPARSE extent does not begin with CAFECAFE.");
        }

        if (bytes[24] != 0)
        {
            throw DiskFormatException.Unsupported(
                "The VMDK's SESPARSE extent has a journal to be replayed; let ESXi open it once.");
        }
    }

    private static async ValueTask<long[]> ReadDirectoryAsync(
        BlockDevice file, SeSparseHeader header, CancellationToken cancellationToken)
    {
        GrainDirectory.CheckPlace(file, header.Directory, header.TableCount, sizeof(ulong));
        long[] tables = new long[header.TableCount];
        byte[] bytes = new byte[header.TableCount * sizeof(ulong)];
        await file.ReadAsync(header.Directory * SectorSize, bytes, cancellationToken)
            .ConfigureAwait(false);
        for (int i = 0; i < tables.Length; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)));
            long place = (header.Tables + ((long)(uint)entry * header.TableSectors)) * SectorSize;
            tables[i] = entry == 0 ? 0
                : entry >> 32 == TableMark && place > 0 && place < file.Length ? place
                : GrainDirectory.Bad;
        }

        return tables;
    }
}
