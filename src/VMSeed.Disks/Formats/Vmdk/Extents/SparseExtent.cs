using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part whose grains lie as they are in a file (<c>SPARSE</c>,
/// <c>VMFSSPARSE</c>).</summary>
internal sealed class SparseExtent : TableExtent
{
    private readonly long[]? _spare;

    /// <summary>As <see cref="TableExtent"/>; with the places of the second copies of its tables,
    /// where it has them.</summary>
    public SparseExtent(
        long start,
        long length,
        BlockDevice file,
        TablePages tables,
        long[] directory,
        long[]? spare,
        GrainShape shape)
        : base(start, length, file, tables, directory, shape) => _spare = spare;

    public override int GrainSize => Shape.GrainSize;

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

    protected override Run Walk(ReadOnlySpan<byte> entries, long offset, long length)
    {
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(entries);
        if (first == 0)
        {
            return Run.Parent(ReachOfZeros(entries, offset, length));
        }

        int within = (int)(offset % Shape.GrainSize);
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
    protected override async ValueTask<Run> MapSpareAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        long table = _spare is null ? GrainDirectory.Bad : _spare[offset / Shape.Coverage];
        if (table <= 0)
        {
            return await base.MapSpareAsync(offset, length, cancellationToken)
                .ConfigureAwait(false);
        }

        long at = table + (offset % Shape.Coverage / Shape.GrainSize * sizeof(uint));
        TablePage page = await Tables.GetAsync(at, cancellationToken).ConfigureAwait(false);
        Run run = Walk(
            page.Bytes.AsSpan((int)(at - page.Offset), sizeof(uint)), offset, length);
        return run.Length > 0
            ? run
            : await base.MapSpareAsync(offset, length, cancellationToken).ConfigureAwait(false);
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
