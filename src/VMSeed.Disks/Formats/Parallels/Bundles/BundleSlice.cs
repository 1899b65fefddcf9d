using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Formats.Parallels.Bundles;

/// <summary>A part of a parent that the caller gave: what one part of a bundle lies over.</summary>
/// <param name="parent">The parent, which stays the caller's.</param>
/// <param name="start">Where the part begins.</param>
/// <param name="length">How long it is; at most up to the parent's end.</param>
internal sealed class BundleSlice(BlockDevice parent, long start, long length) : BlockDevice
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    protected override ValueTask ReadCoreAsync(
        long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        parent.ReadAsync(start + offset, buffer, cancellationToken);

    /// <inheritdoc/>
    protected override async ValueTask<Extent> MapCoreAsync(
        long offset, long reach, CancellationToken cancellationToken)
    {
        Extent extent = await parent.MapAsync(start + offset, reach, cancellationToken)
            .ConfigureAwait(false);
        return extent with { Offset = offset };
    }
}
