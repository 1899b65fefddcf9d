using VMSeed.Blocks;
using VMSeed.Blocks.Primitives;
using Xunit;

namespace VMSeed.Testing.Contracts;

/// <summary>What holds of every map.</summary>
public static class MapContract
{
    /// <summary>Checks that the extents of a range follow each other, differ, and tell zeros
    /// truly.</summary>
    public static async Task CheckAsync(
        BlockDevice device,
        ReadOnlyMemory<byte> content,
        long offset,
        long length,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(device);
        Extent first = await device.MapAsync(offset, length, cancellation);
        Assert.Equal(offset, first.Offset);
        Assert.InRange(first.Length, 1, length);

        long next = offset;
        ExtentKind? before = null;
        await foreach (Extent extent in device.ExtentsAsync(offset, length, cancellation))
        {
            Assert.Equal(next, extent.Offset);
            Assert.True(extent.Length > 0, $"{extent} is empty.");
            Assert.NotEqual(before, extent.Kind);
            if (extent.Kind == ExtentKind.Zero)
            {
                ReadOnlyMemory<byte> zeros = content[(int)extent.Offset..(int)extent.End];
                Assert.False(zeros.Span.ContainsAnyExcept((byte)0), $"{extent} holds data.");
            }

            (next, before) = (extent.End, extent.Kind);
        }

        Assert.Equal(offset + length, next);
    }
}
