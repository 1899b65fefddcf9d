using System.Runtime.CompilerServices;
using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Disks.Converting;

/// <summary>A device's map, each extent as soon as it is known.</summary>
/// <remarks><see cref="BlockDevice.ExtentsAsync"/> joins neighbours of a kind, and so looks at all
/// tables of a full disk before it says a word; a copy begins with the first.</remarks>
internal static class MapWalk
{
    public static async IAsyncEnumerable<Extent> ExtentsAsync(
        BlockDevice device,
        long offset,
        long length,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (long end = offset + length; offset < end;)
        {
            Extent extent = await device.MapAsync(offset, end - offset, cancellationToken)
                .ConfigureAwait(false);
            if (extent.Offset != offset || extent.Length <= 0 || extent.End > end)
            {
                throw new InvalidOperationException(
                    $"{device} was asked what lies from {offset} to {end}, and answers {extent}.");
            }

            yield return extent;
            offset = extent.End;
        }
    }
}
