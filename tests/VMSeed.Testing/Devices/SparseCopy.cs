using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Testing.Devices;

/// <summary>Copies a device and leaves out what its map calls zeros.</summary>
public static class SparseCopy
{
    // The chunk of a device in memory.
    private const int BufferLength = 64 * 1024;

    /// <summary>Copies into memory.</summary>
    public static async Task<MemoryBlockDevice> OfAsync(BlockDevice source)
    {
        MemoryBlockDevice copy = new(source.Length);
        await ToAsync(source, copy);
        return copy;
    }

    /// <summary>Copies into a device that is as long and reads as zeros.</summary>
    /// <param name="source">What to copy.</param>
    /// <param name="target">Where to.</param>
    /// <param name="block">Bytes of the blocks that are left out where all of them are zeros, for
    /// a target whose holes are smaller than the source's.</param>
    public static async Task ToAsync(
        BlockDevice source, BlockDevice target, int block = BufferLength)
    {
        byte[] buffer = new byte[block];
        await foreach (Extent extent in source.ExtentsAsync(0, source.Length))
        {
            for (long at = extent.Offset;
                extent.Kind != ExtentKind.Zero && at < extent.End;
                at += buffer.Length)
            {
                Memory<byte> part = buffer.AsMemory(
                    0, (int)Math.Min(buffer.Length, extent.End - at));
                await source.ReadAsync(at, part);
                if (part.Span.ContainsAnyExcept((byte)0))
                {
                    await target.WriteAsync(at, part);
                }
            }
        }
    }
}
