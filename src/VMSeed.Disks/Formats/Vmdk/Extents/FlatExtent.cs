using VMSeed.Blocks;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Formats.Vmdk.Extents;

/// <summary>A part that lies as it is in a file (<c>FLAT</c>, <c>VMFS</c>).</summary>
/// <remarks>What may not be written (<c>RDONLY</c>) lies in a file that is open for
/// reading.</remarks>
internal sealed class FlatExtent(long start, long length, BlockDevice file, long offset)
    : VmdkExtent(start, length)
{
    public override bool TryMap(long place, long length, out Run run, out PageMiss miss)
    {
        (run, miss) = (Run.Data(file, offset + place, length), default);
        return true;
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken) =>
        file.CanWrite ? file.FlushAsync(cancellationToken) : default;

    public override async ValueTask GrowAsync(long length, CancellationToken cancellationToken)
    {
        if (file.Length != offset + Length)
        {
            throw new NotSupportedException("Something lies behind the VMDK's flat extent.");
        }

        await file.SetLengthAsync(offset + length, cancellationToken).ConfigureAwait(false);
        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        Length = length;
    }
}
