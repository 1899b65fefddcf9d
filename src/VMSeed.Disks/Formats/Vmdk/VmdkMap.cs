using VMSeed.Disks.Binary;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vmdk.Descriptor;
using VMSeed.Disks.Formats.Vmdk.Extents;
using VMSeed.Disks.Mapping;
using static VMSeed.Disks.Formats.Vmdk.VmdkConstants;

namespace VMSeed.Disks.Formats.Vmdk;

// Grains are counted from the beginning of their extent, blocks from that of the disk. So a disk is
// written only where each sparse extent begins at a whole block and all have grains of one size,
// which is what every product makes. Extents of other kinds may begin and end anywhere.

/// <summary>The extents of a VMDK, one behind the other.</summary>
internal sealed class VmdkMap : WritableMap
{
    // What is zeroed at once where nothing is allocated.
    private const int PlainBlock = 64 << 10;

    private readonly OpenRequest _request;
    private readonly ExtentFiles _files;
    private readonly VmdkExtent[] _extents;

    /// <summary>A map over opened extents.</summary>
    /// <param name="request">How the image is opened.</param>
    /// <param name="files">The extents' files, which become the map's.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="extents">The extents, at least one.</param>
    /// <exception cref="DiskFormatException">They cannot be written together.</exception>
    public VmdkMap(
        OpenRequest request, ExtentFiles files, DescriptorFile descriptor, VmdkExtent[] extents)
    {
        (_request, _files, Descriptor, _extents) = (request, files, descriptor, extents);
        UnitSize = extents.Max(extent => extent.UnitSize);
        int grain = extents.Max(extent => extent.GrainSize);
        BlockSize = grain == 0 ? PlainBlock : grain;
        if (request.CanWrite)
        {
            Array.ForEach(extents, CheckGrains);
        }
    }

    public DescriptorFile Descriptor { get; }

    /// <summary>How long the parent is, in bytes; 0 without one.</summary>
    public long ParentLength { get; set; }

    public override long Length => _extents[^1].Start + _extents[^1].Length;

    public override int UnitSize { get; }

    public override int BlockSize { get; }

    public bool IsUnclean => _extents.Any(extent => extent.IsUnclean);

    public override bool IsDirty => _extents.Any(extent => extent.IsDirty);

    public override bool IsFull => _extents.Any(extent => extent.IsFull);

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        VmdkExtent extent = Find(offset);
        long within = offset - extent.Start;
        return extent.TryMap(
            within, Math.Min(length, extent.Length - within), out run, out miss);
    }

    public override ValueTask UnpackAsync(
        long unit, long place, Memory<byte> target, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(unit);
        return extent.UnpackAsync(unit - extent.Start, target, cancellationToken);
    }

    public override ValueTask<Place> TakeAsync(long block, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(block * BlockSize);
        return extent.TakeAsync(Grain(extent, block), cancellationToken);
    }

    public override ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(block * BlockSize);
        return extent.AdoptAsync(Grain(extent, block), place, cancellationToken);
    }

    public override void GiveBack(long block, Place place) =>
        Find(block * BlockSize).GiveBack(place);

    public override ValueTask<bool> ClearAsync(long block, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(block * BlockSize);
        long end = extent.Start + extent.Length;
        return end < Length && (block + 1) * BlockSize > end
            ? new(false)
            : extent.ClearAsync(Grain(extent, block), cancellationToken);
    }

    public override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        foreach (VmdkExtent extent in _extents)
        {
            await extent.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask FlushStoresAsync(CancellationToken cancellationToken)
    {
        foreach (VmdkExtent extent in _extents)
        {
            await extent.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask ResizeAsync(long length, CancellationToken cancellationToken)
    {
        long rounded = FileTail.Align(length, SectorSize);
        if (_extents.Length > 1 || rounded < Length || rounded > long.MaxValue / 2
            || (rounded > Length && ParentLength > Length))
        {
            throw new NotSupportedException(
                $"A VMDK of {_extents.Length} extents and {Length} bytes cannot become {length} "
                + "bytes long; one of one extent can grow, unless its parent is longer.");
        }

        if (rounded > Length)
        {
            await _extents[0].GrowAsync(rounded, cancellationToken).ConfigureAwait(false);
            await Descriptor.ResizeAsync(rounded / SectorSize, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    public override async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        await Descriptor.ChangeCidAsync(_request.Options.NewGuid(), cancellationToken)
            .ConfigureAwait(false);
        long sectors = Length / SectorSize;
        if (_extents.Length == 1 && Descriptor.Current.Extents is [{ } line]
            && line.Sectors != sectors)
        {
            // Power was lost between a growth and its line.
            await Descriptor.ResizeAsync(sectors, cancellationToken).ConfigureAwait(false);
        }

        foreach (VmdkExtent extent in _extents)
        {
            await extent.BeginAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask EndAsync()
    {
        foreach (VmdkExtent extent in _extents)
        {
            await extent.EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Holds every extent's structures against each other.</summary>
    public async ValueTask CheckAsync(
        CheckTally tally,
        bool repair,
        IProgress<double>? progress,
        CancellationToken cancellationToken)
    {
        for (int i = 0; i < _extents.Length; i++)
        {
            await _extents[i].CheckAsync(tally, repair, cancellationToken).ConfigureAwait(false);
            progress?.Report((i + 1.0) / _extents.Length);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync().ConfigureAwait(false);
        if (!_request.Options.LeaveOpen)
        {
            await _request.File.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override ValueTask<Run?> MapWithoutAsync(
        long offset, long length, CancellationToken cancellationToken)
    {
        VmdkExtent extent = Find(offset);
        long within = offset - extent.Start;
        return extent.MapWithoutAsync(
            within, Math.Min(length, extent.Length - within), cancellationToken);
    }

    private void CheckGrains(VmdkExtent extent)
    {
        if (extent.GrainSize > 0
            && (extent.GrainSize != BlockSize || extent.Start % BlockSize != 0))
        {
            throw DiskFormatException.Unsupported(
                $"The VMDK's extent at {extent.Start} has grains of {extent.GrainSize} bytes; it "
                + $"is written only where all have {BlockSize} and begin at a multiple of that.");
        }
    }

    private long Grain(VmdkExtent extent, long block) => block - (extent.Start / BlockSize);

    // The last that begins at or before the offset: one without a length has none.
    private VmdkExtent Find(long offset)
    {
        int low = 0;
        for (int high = _extents.Length - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            if (_extents[middle].Start <= offset)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return _extents[low];
    }
}
