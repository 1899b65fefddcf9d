using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

// An entry names the sector of a marker: where on the disk the grain belongs, how many bytes it
// has, and the bytes. The technical note says RFC 1951; every product writes RFC 1950, with its
// header.

/// <summary>A part whose grains are compressed one by one (<c>streamOptimized</c>); read
/// only.</summary>
internal sealed class PackedExtent(
    long start,
    long length,
    BlockDevice file,
    TablePages tables,
    long[] directory,
    GrainShape shape,
    bool hasMarkers)
    : TableExtent(start, length, file, tables, directory, shape)
{
    /// <summary>A marker before its grain: the sector on the disk, and the length.</summary>
    private const int MarkerLength = 12;

    public override int UnitSize => Shape.GrainSize;

    public override async ValueTask UnpackAsync(
        long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        Run run = await LocateAsync(offset, cancellationToken).ConfigureAwait(false);
        (long place, int count) = hasMarkers
            ? await ReadMarkerAsync(offset, run.Offset, cancellationToken).ConfigureAwait(false)
            : (run.Offset, (int)Math.Min(2L * Shape.GrainSize, File.Length - run.Offset));
        byte[] packed = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            await File.ReadAsync(place, packed.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
            Inflate(packed, count, target.Span, offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(packed);
        }
    }

    /// <summary>Reads every marker that a table names; the grains are not unpacked.</summary>
    public override async ValueTask CheckAsync(
        CheckTally tally, bool repair, CancellationToken cancellationToken)
    {
        for (long offset = 0; offset < Length;)
        {
            try
            {
                Run run;
                while (!TryMap(offset, Length - offset, out run, out PageMiss miss))
                {
                    await miss.LoadAsync(cancellationToken).ConfigureAwait(false);
                }

                if (run.Kind == RunKind.Packed && hasMarkers)
                {
                    Run grain = await LocateAsync(offset, cancellationToken).ConfigureAwait(false);
                    _ = await ReadMarkerAsync(offset, grain.Offset, cancellationToken)
                        .ConfigureAwait(false);
                    tally.AllocatedBytes += run.Length;
                }

                offset += run.Length;
            }
            catch (DiskFormatException fault)
            {
                tally.Error(fault.Message);
                offset += Shape.GrainSize;
            }
        }
    }

    protected override Run Walk(ReadOnlySpan<byte> entries, long offset, long length)
    {
        uint entry = BinaryPrimitives.ReadUInt32LittleEndian(entries);
        if (entry == 0)
        {
            return Run.Parent(ReachOfZeros(entries, offset, length));
        }

        int within = Shape.Within(offset);
        long reach = Math.Min(length, Shape.GrainSize - within);
        if (entry == 1 && Shape.HasZeroGrains)
        {
            return Run.Zero(reach);
        }

        // A unit is known by its place on the disk, so that two entries of one sector, which only a
        // hostile image has, are told apart.
        long unit = Start + offset - within;
        return (entry * (long)SectorSize) + MarkerLength < File.Length
            ? Run.Packed(unit, unit, reach)
            : default;
    }

    private async ValueTask<Run> LocateAsync(long offset, CancellationToken cancellationToken)
    {
        (long table, long index) = Shape.Find(offset);
        long at = Directory[table] + (index * sizeof(uint));
        TablePage page = await Tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        long sector = page.ReadUInt32LittleEndian((int)(at - page.Offset));
        return Run.Data(File, sector * SectorSize, Shape.GrainSize);
    }

    private async ValueTask<(long Place, int Count)> ReadMarkerAsync(
        long offset, long place, CancellationToken cancellationToken)
    {
        byte[] marker = new byte[MarkerLength];
        await File.ReadAsync(place, marker, cancellationToken).ConfigureAwait(false);
        long sector = BinaryPrimitives.ReadInt64LittleEndian(marker);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(marker.AsSpan(sizeof(long)));
        if (sector != offset / SectorSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's grain at {place} is that of sector {sector}; its entry says "
                + $"{offset / SectorSize}.");
        }

        // Deflate makes noise longer by a few bytes; QEMU's bound is two grains.
        place += MarkerLength;
        if (count == 0 || count > 2L * Shape.GrainSize || count > File.Length - place)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's grain at {place} has {count} bytes; 1 to {2L * Shape.GrainSize} "
                + $"within {File.Length} are possible.");
        }

        return (place, (int)count);
    }

    // The disk's last grain may be short: what is missing is zeros.
    private static void Inflate(byte[] packed, int count, Span<byte> target, long offset)
    {
        try
        {
            using var source = new MemoryStream(packed, 0, count, writable: false);
            using var inflater = new ZLibStream(source, CompressionMode.Decompress);
            int done = inflater.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
            target[done..].Clear();
        }
        catch (InvalidDataException failure)
        {
            throw new DiskFormatException(
                DiskFault.Corrupt,
                $"The VMDK's grain of offset {offset} does not unpack.",
                failure);
        }
    }
}
