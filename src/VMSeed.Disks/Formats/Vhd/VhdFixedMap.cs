using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using VMSeed.Disks.Formats.Vhd.Structures;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vhd;

/// <summary>The disk's bytes from the beginning of the file; the footer after them never
/// changes.</summary>
internal sealed class VhdFixedMap(OpenRequest request, VhdParts parts) : WritableMap
{
    private readonly BlockDevice _file = request.File;

    public override long Length { get; } = parts.Footer.DiskSize;

    /// <summary>Nothing is ever allocated: what a pass over zeros takes at once.</summary>
    public override int BlockSize => VhdConstants.DefaultBlockSize;

    public override bool IsDirty => false;

    public override bool TryMap(long offset, long length, out Run run, out PageMiss miss)
    {
        (run, miss) = (Run.Data(_file, offset, length), default);
        return true;
    }

    public override ValueTask<Place> TakeAsync(long block, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A fixed disk has all of its blocks.");

    public override ValueTask AdoptAsync(
        long block, Place place, BlockRange range, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A fixed disk has all of its blocks.");

    public override ValueTask CommitAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    public override ValueTask FlushStoresAsync(CancellationToken cancellationToken) =>
        _file.FlushAsync(cancellationToken);

    // The only footer is the one at the end: while the file grew, a crash would leave none.
    public override ValueTask ResizeAsync(long length, CancellationToken cancellationToken) =>
        throw new NotSupportedException(
            "A fixed VHD cannot change its size in place without a moment at which a crash loses "
            + "it; convert it.");

    public override ValueTask DisposeAsync() =>
        request.Options.LeaveOpen ? default : _file.DisposeAsync();
}
