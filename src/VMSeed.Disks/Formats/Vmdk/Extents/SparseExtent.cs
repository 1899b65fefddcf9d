using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Grains;
using VMSeed.Disks.Formats.Vmdk.Headers;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part whose grains lie as they are in a file (<c>SPARSE</c>,
/// <c>VMFSSPARSE</c>).</summary>
internal sealed class SparseExtent : TableExtent
{
    private long[]? _second;

    /// <summary>As <see cref="TableExtent"/>; with the second copies of its tables, where it has
    /// them.</summary>
    public SparseExtent(
        long start,
        long length,
        BlockDevice file,
        TablePages pages,
        GrainTables tables,
        GrainShape shape)
        : base(start, length, file, pages, tables.First, shape) => _second = tables.Second;

    /// <summary>What changes the extent; null where it is open for reading.</summary>
    public GrainWriter? Writer { get; init; }

    /// <summary>Its header as it was opened; null for one of ESX.</summary>
    public SparseHeader? Header { get; init; }

    public override int GrainSize => Shape.GrainSize;

    public override bool IsUnclean => Header?.IsUnclean ?? false;

    public override bool IsDirty => Writer is not null && Tables.IsDirty;

    public override bool IsFull => Tables.IsFull;

    /// <summary>Fails when a descriptor promises more than an extent has.</summary>
    public static void CheckCapacity(long capacity, long length)
    {
        if (length > capacity * SectorSize)
        {
            throw DiskFormatException.Corrupt(
                $"The VMDK's descriptor gives an extent {length / SectorSize} sectors; its header "
                + $"says {capacity}.");
        }
    }

    public override ValueTask BeginAsync(CancellationToken cancellationToken) =>
        Writer?.MendAsync(cancellationToken) ?? default;

    public override ValueTask<Place> TakeAsync(long grain, CancellationToken cancellationToken) =>
        Writer?.TakeAsync(grain, cancellationToken) ?? base.TakeAsync(grain, cancellationToken);

    public override ValueTask AdoptAsync(
        long grain, Place place, CancellationToken cancellationToken) =>
        Writer!.AdoptAsync(grain, place, cancellationToken);

    public override void GiveBack(Place place) => Writer!.GiveBack(place);

    public override ValueTask<bool> ClearAsync(long grain, CancellationToken cancellationToken) =>
        Writer?.ClearAsync(grain, cancellationToken) ?? new(false);

    public override ValueTask CommitAsync(CancellationToken cancellationToken) =>
        Writer?.CommitAsync(cancellationToken) ?? default;

    public override ValueTask FlushAsync(CancellationToken cancellationToken) =>
        Writer is null ? default : File.FlushAsync(cancellationToken);

    public override async ValueTask GrowAsync(long length, CancellationToken cancellationToken)
    {
        if (Writer is null)
        {
            await base.GrowAsync(length, cancellationToken).ConfigureAwait(false);
            return;
        }

        GrainTables tables = await Writer.GrowAsync(length / SectorSize, cancellationToken)
            .ConfigureAwait(false);
        Volatile.Write(ref _second, tables.Second);
        Directory = tables.First;
        Length = length;
    }

    public override ValueTask EndAsync() => Writer?.EndAsync() ?? default;

    public override async ValueTask CheckAsync(
        CheckTally tally, bool repair, CancellationToken cancellationToken)
    {
        if (Writer is not null)
        {
            await Writer.CheckAsync(tally, repair, cancellationToken).ConfigureAwait(false);
            return;
        }

        var survey = new GrainSurvey(File, Tables, new GrainTables(Directory, _second), Shape)
        {
            Header = Header,
        };
        await survey.RunAsync(tally, repair: false, cancellationToken).ConfigureAwait(false);
        long leaked = await survey.CountLeaksAsync(cancellationToken).ConfigureAwait(false);
        if (leaked > 0)
        {
            tally.Leak($"{leaked} grains of {GrainSize} bytes are named by no table.");
        }
    }

    protected override Run Walk(ReadOnlySpan<byte> entries, long offset, long length)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(entries);
        if (first == 0)
        {
            return Run.Parent(ReachOfZeros(entries, offset, length));
        }

        int within = Shape.Within(offset);
        bool isZero = first == 1 && Shape.HasZeroGrains;
        uint step = isZero ? 0 : (uint)Shape.GrainSize / SectorSize;
        uint next = first;
        long reach = Shape.GrainSize - within;
        for (int at = sizeof(uint); reach < length && at < entries.Length; at += sizeof(uint))
        {
            next += step;
            if (BinaryPrimitives.ReadUInt32LittleEndian(entries[at..]) != next)
            {
                break;
            }

            reach += Shape.GrainSize;
        }

        return isZero
            ? Run.Zero(Math.Min(reach, length))
            : ToRun(first * (long)SectorSize, within, Math.Min(reach, length));
    }

    // Where the first copy is bad, the second counts.
    protected override bool TryMapSpare(
        long offset, long length, out Run run, out PageMiss miss)
    {
        (long table, long index) = Shape.Find(offset);
        long place = Volatile.Read(ref _second)?[table] ?? GrainDirectory.Bad;
        if (place <= 0)
        {
            return base.TryMapSpare(offset, length, out run, out miss);
        }

        long at = place + (index * sizeof(uint));
        if (!Tables.TryGet(at, out TablePage? page, out miss))
        {
            run = default;
            return false;
        }

        run = Walk(page.Bytes.AsSpan((int)(at - page.Offset), sizeof(uint)), offset, length);
        return run.Length > 0 || base.TryMapSpare(offset, length, out run, out miss);
    }

    // The last grain of a file may be cut short; what is missing is zeros.
    private Run ToRun(long place, int within, long length)
    {
        long there = File.Length - place;
        if (there <= 0)
        {
            return default;
        }

        return there <= within
            ? Run.Zero(Math.Min(length, Shape.GrainSize - within))
            : Run.Data(File, place + within, Math.Min(length, there - within));
    }
}
